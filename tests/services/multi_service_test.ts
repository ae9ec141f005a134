import { CancelledError } from "../../services/async/errors.ts";
import { type ServiceContext, token } from "../../services/context.ts";
import { MultiService } from "../../services/multi_service.ts";
import { Protocol } from "../../services/protocol/protocol.ts";
import type { Service } from "../../services/service.ts";
import { type Ending, ServiceLife } from "../../services/service_life.ts";
import { MemoryReactor, recordingLogger } from "../../services/testing/mod.ts";
import { assertEquals, assertRejects } from "../assert.ts";

/** A multi service as a supervisor runs it. */
class Scene implements AsyncDisposable {
  readonly reactor = new MemoryReactor();
  readonly log = recordingLogger();
  readonly multi = new MultiService();
  readonly trace: string[] = [];
  readonly values = new Map<string, unknown>();
  ending: Ending | null = null;
  readonly life: ServiceLife = new ServiceLife({
    name: "app",
    log: this.log,
    open: (options) => this.reactor.scope(options),
    tokens: {
      get: <T>({ id }: { id: string }) => this.values.get(id) as T,
      provide: ({ id }, value) => void this.values.set(id, value),
    },
  });

  constructor() {
    void this.life.ended.then((ending) => this.ending = ending);
  }

  start(): Promise<void> {
    return this.life.start(() => this.multi);
  }

  /** A service that leaves a trace. */
  service(name: string, start: (ctx: ServiceContext) => unknown = () => {}): Service {
    return {
      start: async (ctx) => {
        await start(ctx);
        this.trace.push(`${name} started`);
      },
      stop: () => void this.trace.push(`${name} stopped`),
    };
  }

  async stop(): Promise<string[]> {
    const stopped = this.life.stop({ within: 1_000, hold: 0 });
    await this.reactor.advance(1_000);
    return await stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.reactor[Symbol.asyncDispose]();
    assertEquals(this.reactor.clock.pending, [], "timers are left on the clock");
  }
}

function failureOf(ending: Ending | null): string | null {
  return ending?.kind === "failed" ? (ending.error as Error).message : null;
}

Deno.test("MultiService starts its services together and stops them in reverse", async () => {
  await using scene = new Scene();
  const { multi, trace } = scene;
  const gate = Promise.withResolvers<void>();
  await multi.addService("a", scene.service("a", () => gate.promise));
  await multi.addService("b", scene.service("b"));
  const started = scene.start();
  await scene.reactor.settle();
  assertEquals(trace, ["b started"]);
  gate.resolve();
  await started;
  assertEquals(await scene.stop(), []);
  assertEquals(trace, ["b started", "a started", "b stopped", "a stopped"]);
});

Deno.test("each service of a MultiService has a name, a log and a scope of its own", async () => {
  await using scene = new Scene();
  await scene.multi.addService("one", {
    async start(ctx) {
      ctx.log.info(`I am ${ctx.name}`, { more: 1 });
      await ctx.reactor.listen("tcp:1", () => new Protocol());
    },
  });
  await scene.multi.addService("two", {
    start: (ctx) => ctx.reactor.listen("tcp:2", () => new Protocol()),
  });
  await scene.start();
  assertEquals(scene.log.records, [
    { level: "info", message: "I am app.one", fields: { service: "one", more: 1 } },
  ]);
  assertEquals(scene.life.scope.endpoints.map((address) => "port" in address && address.port), [1, 2]);
  await scene.multi.removeService("one");
  assertEquals(scene.life.scope.endpoints.map((address) => "port" in address && address.port), [2]);
});

Deno.test("a service that is added to a running MultiService starts; one that is taken out stops", async () => {
  await using scene = new Scene();
  const { multi, trace } = scene;
  await scene.start();
  await multi.addService("late", scene.service("late"));
  assertEquals(trace.splice(0), ["late started"]);
  await assertRejects(() => multi.addService("late", scene.service("x")), Error, "there is one of that name");
  await multi.removeService("late");
  assertEquals([trace.splice(0), [...multi.services.keys()]], [["late stopped"], []]);
  await multi.removeService("late");
});

Deno.test("one that cannot start when it is added leaves nothing, and the others run", async () => {
  await using scene = new Scene();
  const { multi } = scene;
  await scene.start();
  const broken = scene.service("broken", async (ctx) => {
    await ctx.reactor.listen("tcp:1", () => new Protocol());
    throw new Error("no");
  });
  await assertRejects(() => multi.addService("broken", broken), Error, "no");
  assertEquals([[...multi.services.keys()], scene.life.scope.endpoints, scene.ending], [[], [], null]);
});

Deno.test("a start that fails stops what had started, and throws its error", async () => {
  await using scene = new Scene();
  const { multi, trace } = scene;
  await multi.addService(
    "a",
    scene.service("a", (ctx) => ctx.reactor.listen("tcp:1", () => new Protocol())),
  );
  await multi.addService("b", scene.service("b", () => Promise.reject(new Error("boom"))));
  await assertRejects(() => scene.start(), Error, "boom");
  assertEquals([trace, scene.life.scope.endpoints], [["a started", "a stopped"], []]);
});

Deno.test("several starts that fail are told of together", async () => {
  await using scene = new Scene();
  for (const name of ["a", "b"]) {
    await scene.multi.addService(name, { start: () => Promise.reject(new Error(name)) });
  }
  const error = await assertRejects(() => scene.start(), AggregateError, "Several services cannot start");
  assertEquals(error.errors.map(({ message }: Error) => message), ["a", "b"]);
});

Deno.test("a service that is taken out while it starts does not fail the others", async () => {
  await using scene = new Scene();
  const { multi } = scene;
  await multi.addService("slow", { start: () => new Promise(() => {}) });
  await multi.addService("fast", scene.service("fast"));
  const started = scene.start();
  await scene.reactor.settle();
  await multi.removeService("slow");
  await started;
  assertEquals(scene.ending, null);
});

Deno.test("adding and at once removing tells the adder", async () => {
  await using scene = new Scene();
  await scene.start();
  const added = scene.multi.addService("slow", { start: () => new Promise(() => {}) });
  await Promise.all([assertRejects(() => added, CancelledError), scene.multi.removeService("slow")]);
});

Deno.test("when one of the services fails, all of it has failed", async () => {
  await using scene = new Scene();
  await scene.multi.addService("ok", scene.service("ok"));
  await scene.multi.addService(
    "task",
    scene.service("task", (ctx) => {
      ctx.spawn(() => Promise.reject(new Error("task broke")));
    }),
  );
  await scene.start().catch(() => {});
  await scene.reactor.settle();
  assertEquals(failureOf(scene.ending), "task broke");
});

Deno.test("when all services have finished, it has finished; one that has is stopped meanwhile", async () => {
  await using scene = new Scene();
  const finish: (() => void)[] = [];
  for (const name of ["a", "b"]) {
    await scene.multi.addService(name, scene.service(name, (ctx) => void finish.push(ctx.finish)));
  }
  await scene.start();
  finish[0]!();
  await scene.reactor.settle();
  assertEquals([scene.trace.at(-1), scene.ending], ["a stopped", null]);
  finish[1]!();
  await scene.reactor.settle();
  assertEquals([scene.trace.at(-1), scene.ending], ["b stopped", { kind: "finished", result: undefined }]);
});

Deno.test("services of a MultiService get and provide as it does itself", async () => {
  await using scene = new Scene();
  const [given, offered] = [token<number>("given"), token<number>("offered")];
  scene.values.set("given", 20);
  await scene.multi.addService("a", {
    start: (ctx) => ctx.provide(offered, ctx.get(given) + 1),
  });
  await scene.start();
  assertEquals(scene.values.get("offered"), 21);
});

Deno.test("a MultiService is unhealthy when one of its services is", async () => {
  await using scene = new Scene();
  let well = true;
  await scene.multi.addService("a", {
    start() {},
    health() {
      if (!well) throw new Error("queue is full");
    },
  });
  await scene.start();
  await scene.life.health();
  well = false;
  await assertRejects(() => scene.life.health(), Error, "queue is full");
});

Deno.test("one that fails while it stops is logged, and the others stop", async () => {
  await using scene = new Scene();
  await scene.multi.addService("a", scene.service("a"));
  await scene.multi.addService("b", { start() {}, stop: () => Promise.reject(new Error("stuck lid")) });
  await scene.start();
  await scene.stop();
  assertEquals(scene.trace, ["a started", "a stopped"]);
  assertEquals(scene.log.records.map(({ message, fields }) => [message, fields.service]), [
    ["Service failed while it stopped", "b"],
  ]);
});

Deno.test("MultiServices nest", async () => {
  await using scene = new Scene();
  const inner = new MultiService();
  await inner.addService("leaf", scene.service("leaf", (ctx) => void scene.trace.push(ctx.name)));
  await scene.multi.addService("inner", inner);
  await scene.start();
  await scene.stop();
  assertEquals(scene.trace, ["app.inner.leaf", "leaf started", "leaf stopped"]);
});

Deno.test("a drain asks each connection within a MultiService once, and waits for it", async () => {
  let asked = 0;
  class Slow extends Protocol {
    override drainRequested(): void {
      asked++;
    }
  }
  await using scene = new Scene();
  await scene.multi.addService("web", { start: (ctx) => ctx.reactor.listen("tcp:1", () => new Slow()) });
  await scene.start();
  await scene.reactor.connect("tcp:127.0.0.1:1", () => new Protocol());
  await scene.reactor.settle();
  const leftovers = await scene.stop();
  assertEquals([asked, leftovers.length], [1, 1]);
});
