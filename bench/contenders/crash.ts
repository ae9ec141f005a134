/**
 * A service that listens crashes, among others that do not: milliseconds from the crash to its being ready again,
 * without backoff. Prints the median of ARGUMENT crashes.
 */
import { Application, Protocol, run, type ServiceContext } from "../../mod.ts";
import { median } from "../harness/statistics.ts";

const crashes = Number(Deno.args[0] ?? 50);
const times: number[] = [];
let context: ServiceContext | null = null;
let crashedAt = 0;

function crash(): void {
  crashedAt = performance.now();
  context!.fail(new Error("as planned"));
}

const application = new Application("crash");
application.addService("fragile", () => ({
  async start(ctx) {
    await ctx.reactor.listen("tcp:127.0.0.1:0", () => new Protocol());
    context = ctx;
  },
}), { backoff: { initial: 0, factor: 1, max: 0, resetAfter: 60_000 } });
for (let i = 0; i < 499; i++) application.addService(`calm${i}`, () => ({ start() {} }));

const silent = { debug() {}, info() {}, warn() {}, error() {} };
await run(application, {
  log: () => silent,
  onEvent(event) {
    if (event.kind === "ready") setTimeout(crash, 50);
    if (event.kind !== "state" || event.path !== "fragile" || event.to !== "ready" || crashedAt === 0) return;
    times.push(performance.now() - crashedAt);
    if (times.length < crashes) return void setTimeout(crash, 5);
    console.log(JSON.stringify({ crash: median(times) }));
    Deno.exit(0);
  },
});
