import { Echo } from "../../plugins/echo/echo.ts";
import { run, type RunOptions } from "../../runner/run.ts";
import { Application } from "../../services/application.ts";
import { type ServiceContext, token } from "../../services/context.ts";
import { Protocol } from "../../services/protocol/protocol.ts";
import { applicationView } from "../../services/control/application_view.ts";
import { formatAddress, type InetAddress } from "../../services/reactor/address.ts";
import { DenoReactor } from "../../services/reactor/deno/deno_reactor.ts";
import {
  MemoryReactor,
  type RecordingLogger,
  recordingLogger,
  TestClient,
} from "../../services/testing/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import type { ExitVerdict } from "../../services/supervision/exit_verdict.ts";

/** An application that runs in memory; what each service logs is kept by its path. */
class Running {
  readonly reactor = new MemoryReactor();
  readonly logs = new Map<string, RecordingLogger>();
  readonly changes: string[] = [];
  readonly ended: Promise<ExitVerdict>;

  constructor(application: Application, options: RunOptions = {}) {
    this.ended = run(application, {
      reactor: this.reactor,
      log: (path) => this.log(path),
      onEvent: (event) => {
        if (event.kind === "state" && event.path !== "") {
          this.changes.push(`${this.reactor.now()} ${event.path} ${event.to}`);
        }
      },
      ...options,
    });
  }

  log(path: string): RecordingLogger {
    const log = this.logs.get(path) ?? recordingLogger();
    this.logs.set(path, log);
    return log;
  }

  async connect(endpoint: string): Promise<TestClient> {
    const client = await this.reactor.connect(endpoint, () => new TestClient(this.reactor));
    await this.reactor.settle();
    return client;
  }
}

/** Ends the application: its service finishes when it is called. */
function withEnd(application: Application): () => void {
  let end: () => void = () => {};
  application.addService("end", () => ({ start: (ctx) => void (end = ctx.finish) }), {
    significant: true,
    restart: "transient",
  });
  return () => end();
}

Deno.test("an application in code runs, and ends with status 0 when what is significant has finished", async () => {
  const application = new Application("demo");
  application.addService("echo", () => ({ start: (ctx) => ctx.reactor.listen("tcp:7", () => new Echo()) }));
  const end = withEnd(application);
  const running = new Running(application);
  await running.reactor.settle();
  const client = await running.connect("tcp:127.0.0.1:7");
  await client.send("hello");
  assertEquals(client.received(), "hello");
  end();
  await running.reactor.advance(10_000);
  assertEquals((await running.ended).status, 0);
  assert(client.closed);
});

Deno.test("a crashing service comes back with growing delays, on the clock, and its port refuses nobody", async () => {
  const application = new Application("demo");
  let lives = 0;
  application.addService("echo", () => ({
    async start(ctx) {
      const life = ++lives;
      await ctx.reactor.listen("tcp:7", () => new Echo());
      ctx.reactor.callLater(1_000, () => {
        if (life < 4) throw new Error(`crash ${life}`);
      });
    },
  }), { backoff: { initial: 100, factor: 2, max: 30_000, resetAfter: 60_000 } });
  const end = withEnd(application);
  const running = new Running(application);
  await running.reactor.advance(1_000);
  assertEquals(lives, 1);
  const client = await running.connect("tcp:127.0.0.1:7");
  await client.send("anybody?");
  await running.reactor.advance(10_000);
  assertEquals([lives, client.received()], [4, "anybody?"]);

  const readyAt = running.changes.filter((change) => change.endsWith("echo ready")).map(parseFloat);
  const delays = readyAt.slice(1).map((at, i) => at - readyAt[i]! - 1_000);
  for (const [i, full] of [100, 200, 400].entries()) {
    assert(delays[i]! >= full / 2 && delays[i]! <= full, `delay ${i} is ${delays[i]}`);
  }
  end();
  await running.reactor.advance(10_000);
  assertEquals((await running.ended).status, 0);
});

Deno.test("a service that fails at its first start for good ends the application with 69", async () => {
  const application = new Application("demo");
  application.addService("web", () => ({ start: () => Promise.reject(new Error("no port")) }), {
    significant: true,
    giveUp: { failures: 0, within: 1_000 },
  });
  const running = new Running(application);
  await running.reactor.advance(1_000);
  const { status, reason } = await running.ended;
  assertEquals(status, 69);
  assert(reason.includes("no port"), reason);
});

Deno.test("a stray rejection fails the service on whose account it happened, and no other", async () => {
  const application = new Application("demo");
  let lives = 0;
  application.addService("careless", () => ({
    start(ctx) {
      if (++lives > 1) return;
      ctx.reactor.callLater(10, async () => {
        await Promise.resolve();
        throw new Error("nobody awaits this");
      });
    },
  }));
  application.addService("calm", () => ({ start() {} }));
  const end = withEnd(application);
  const running = new Running(application);
  await running.reactor.advance(10);
  // Unhandled rejections are told of after all promise jobs.
  await running.reactor.advance(1_000);
  assertEquals(lives, 2);
  const backoffs = running.changes.filter((change) => change.endsWith("backoff"));
  assertEquals(backoffs.map((change) => change.split(" ")[1]), ["careless"]);
  end();
  await running.reactor.advance(10_000);
  assertEquals((await running.ended).status, 0);
});

Deno.test("a stray rejection of a connection's protocol is its service's too", async () => {
  const application = new Application("demo");
  class Careless extends Protocol {
    override dataReceived(): void {
      void Promise.reject(new Error("lost"));
    }
  }
  application.addService("careless", () => ({
    start: (ctx) => ctx.reactor.listen("tcp:7", () => new Careless()),
  }));
  const end = withEnd(application);
  const running = new Running(application);
  await running.reactor.settle();
  await (await running.connect("tcp:127.0.0.1:7")).send("x");
  await running.reactor.advance(1_000);
  assert(running.changes.some((change) => change.endsWith("careless backoff")));
  end();
  await running.reactor.advance(10_000);
  await running.ended;
});

Deno.test("an error that belongs to no service is the runner's: logged, and it restarts nobody", async () => {
  const application = new Application("demo");
  application.addService("calm", () => ({ start() {} }));
  const end = withEnd(application);
  const running = new Running(application);
  await running.reactor.settle();
  void Promise.reject(new Error("from outside"));
  await running.reactor.advance(1_000);
  const record = running.log("").records.find(({ level }) => level === "error");
  assertEquals(record?.message, "Unhandled error that belongs to no service");
  assert(!running.changes.some((change) => change.endsWith("backoff")));
  end();
  await running.reactor.advance(10_000);
  await running.ended;
});

Deno.test("a service in a group gets what its group needs", async () => {
  const store = token<string>("test.store");
  const application = new Application("demo");
  let got = "";
  const group = application.addGroup("web", { needs: ["store"] });
  group.addGroup("inner").addService("page", () => ({
    start: (ctx: ServiceContext) => void (got = ctx.get(store)),
  }));
  application.addService("store", () => ({ start: (ctx) => ctx.provide(store, "all of it") }));
  const end = withEnd(application);
  const running = new Running(application);
  await running.reactor.settle();
  assertEquals(got, "all of it");
  end();
  await running.reactor.advance(10_000);
  await running.ended;
});

Deno.test("a service sees the application that it is part of, and `draining` while its port is still open", async () => {
  const application = new Application("demo");
  application.addService("echo", () => ({ start: (ctx) => ctx.reactor.listen("tcp:7", () => new Echo()) }));
  const seen: string[] = [];
  application.addService("watcher", () => ({
    start(ctx) {
      const view = ctx.get(applicationView);
      seen.push(view.name);
      view.subscribe((event) => {
        if (event.kind !== "state" || event.path !== "echo") return;
        const endpoints = view.statusOf("echo")?.endpoints?.map(formatAddress) ?? [];
        seen.push([event.to, ...endpoints].join(" "));
      });
    },
  }), { restart: "temporary" });
  const end = withEnd(application);
  const running = new Running(application);
  await running.reactor.settle();
  end();
  await running.reactor.advance(10_000);
  await running.ended;
  assertEquals(seen, ["demo", "ready tcp:0.0.0.0:7", "draining tcp:0.0.0.0:7", "stopped"]);
});

Deno.test("each service has its own log, by its path", async () => {
  const application = new Application("demo");
  application.addGroup("backend").addService("store", () => ({
    start: (ctx) => ctx.log.info("open", { name: ctx.name }),
  }));
  const end = withEnd(application);
  const running = new Running(application);
  await running.reactor.settle();
  assertEquals(running.log("backend.store").records.filter(({ level }) => level !== "debug"), [
    { level: "info", message: "open", fields: { name: "backend.store" } },
    { level: "info", message: "Started", fields: { endpoints: [], took: 0 } },
  ]);
  end();
  await running.reactor.advance(10_000);
  await running.ended;
});

Deno.test("on real sockets: runs, serves, and SIGTERM ends it with status 0 and nothing left", async () => {
  const application = new Application("demo");
  const listens = Promise.withResolvers<InetAddress>();
  application.addService("echo", () => ({
    async start(ctx) {
      const port = await ctx.reactor.listen("tcp:127.0.0.1:0", () => new Echo());
      listens.resolve(port.host as InetAddress);
    },
  }));
  const log = recordingLogger();
  const ended = run(application, { reactor: new DenoReactor(), log: () => log });
  using conn = await Deno.connect({ port: (await listens.promise).port });
  await conn.write(new TextEncoder().encode("hello"));
  const buffer = new Uint8Array(16);
  assertEquals(new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0)), "hello");
  Deno.kill(Deno.pid, "SIGTERM");
  assertEquals((await ended).status, 0);
  assertEquals(await conn.read(buffer), null);
});
