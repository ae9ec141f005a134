/** Starts so many services, crashes one, stops all; prints the times and the memory as JSON. */
import { Application, DenoReactor, type Service, silentLogger } from "../../mod.ts";
import { InlineHost } from "../../runner/host/inline_host.ts";
import { Supervisor } from "../../runner/supervisor/supervisor.ts";

const count = Number(Deno.args[0]);
const crash = Promise.withResolvers<void>();
const back = Promise.withResolvers<void>();
let starts = 0;

const fragile = (): Service => ({
  start(ctx) {
    if (++starts > 1) return back.resolve();
    ctx.spawn(() => crash.promise);
  },
});
const application = new Application("tree");
let group = application.addGroup("g0");
for (let i = 0; i < count; i++) {
  if (i % 100 === 99) group = application.addGroup(`g${i}`);
  group.addService(`s${i}`, i === count >> 1 ? fragile : () => ({ start: () => {} }));
}

const memory = Deno.memoryUsage().rss;
const reactor = new DenoReactor();
const host = new InlineHost({ reactor, log: () => silentLogger });
const supervisor = new Supervisor(application.toApplicationSpec(), {
  host,
  time: reactor.time,
  log: silentLogger,
  random: () => 0,
});

const begin = performance.now();
await supervisor.start();
const started = performance.now();
const used = Deno.memoryUsage().rss - memory;
crash.reject(new Error("crash"));
await back.promise;
const recovered = performance.now();
await supervisor.stop();
const stopped = performance.now();
await reactor[Symbol.asyncDispose]();
console.log(JSON.stringify({
  start: started - begin,
  // Half of the first backoff, the shortest that can be drawn, is waiting.
  crash: recovered - started - 50,
  stop: stopped - recovered,
  memory: used / count / 1024,
}));
