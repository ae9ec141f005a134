/**
 * Finger, fourth step: an application. The users are a service of their own, which two others need: one answers
 * everybody, one lets whoever may open a socket file change what is answered. Each is supervised. Run it with
 *
 *     deno run --allow-net --allow-env --allow-read --allow-write --allow-sys examples/finger/4_application.ts \
 *       [ENDPOINT] [SOCKET]
 *
 * then: `echo alice Back at 3 | nc -NU /tmp/finger.sock` and `echo alice | nc 127.0.0.1 7079`.
 */
import { Application, run, type Service, type ServiceContext, TextLineReceiver, token } from "@heddle/heddle";

class Users implements Service {
  static readonly token = token<Users>("example.finger.users");
  readonly #status = new Map([["alice", "Out for lunch"]]);

  start(ctx: ServiceContext): void {
    ctx.provide(Users.token, this);
  }

  get(user: string): string {
    return this.#status.get(user) ?? "No such user";
  }

  set(user: string, status: string): void {
    this.#status.set(user, status);
  }
}

class Finger extends TextLineReceiver {
  readonly #users: Users;

  constructor(users: Users) {
    super();
    this.#users = users;
  }

  override textReceived(user: string): void {
    this.sendLine(this.#users.get(user.trim()));
    this.transport.loseConnection();
  }
}

/** Each line is a user and a status. */
class FingerSetter extends TextLineReceiver {
  readonly #users: Users;

  constructor(users: Users) {
    super();
    this.#users = users;
  }

  override textReceived(line: string): void {
    const [, user, status] = /^(\S+) (.+)$/.exec(line) ?? [];
    if (user !== undefined && status !== undefined) this.#users.set(user, status);
    else this.sendLine("Write a user and a status");
  }
}

const [endpoint = "tcp:127.0.0.1:7079", socket = "/tmp/finger.sock"] = Deno.args;
const application = new Application("finger");

application.addService("users", () => new Users());
application.addService("finger", () => ({
  start: ({ reactor, get }) => reactor.listen(endpoint, () => new Finger(get(Users.token))),
}), { needs: ["users"] });
application.addService("setter", () => ({
  start: ({ reactor, get }) =>
    reactor.listen(`unix:${socket}:mode=600`, () => new FingerSetter(get(Users.token))),
}), { needs: ["users"] });

const { status } = await run(application);
Deno.exit(status);
