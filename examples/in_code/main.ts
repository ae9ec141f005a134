/**
 * An application without a file: three services, supervised as those of a file are. Run it with
 *
 *     deno run --allow-net --allow-env --allow-read --allow-sys examples/in_code/main.ts [ENDPOINT]
 *
 * then: `nc 127.0.0.1 7011`. It stops in order on SIGTERM and Ctrl+C. ENDPOINT is where it listens, by default
 * `tcp:127.0.0.1:7011`.
 */
import {
  Application,
  run,
  type Service,
  type ServiceContext,
  TextLineReceiver,
  TimerService,
  token,
} from "@heddle/heddle";

/** How often somebody was greeted. It outlives a crash of those who use it. */
class Visits implements Service {
  static readonly token = token<Visits>("example.visits");
  count = 0;

  start(ctx: ServiceContext): void {
    ctx.provide(Visits.token, this);
  }
}

class Greeter extends TextLineReceiver {
  readonly #visits: Visits;

  constructor(visits: Visits) {
    super();
    this.#visits = visits;
  }

  override textReceived(name: string): void {
    this.#visits.count++;
    this.sendLine(`Hello, ${name}`);
  }
}

const greeter: Service = {
  // Asked for per connection, so that it is always the visits of now: their service may have been restarted.
  start: ({ reactor, get }) =>
    reactor.listen(Deno.args[0] ?? "tcp:127.0.0.1:7011", () => new Greeter(get(Visits.token))),
};

const reporter: Service = {
  start(ctx) {
    const report = () => ctx.log.info("Visits so far", { count: ctx.get(Visits.token).count });
    return new TimerService(60_000, report).start(ctx);
  },
};

const application = new Application("greetings");
application.addService("visits", () => new Visits());
application.addService("greeter", () => greeter, { needs: ["visits"] });
application.addService("reporter", () => reporter, { needs: ["visits"] });

const { status } = await run(application);
Deno.exit(status);
