import { run } from "../../../runner/run.ts";
import { Application } from "../../../services/application.ts";
import {
  type ApplicationControl,
  applicationControl,
} from "../../../services/control/application_control.ts";
import { metrics } from "../../../services/metrics/metrics.ts";
import { MemoryReactor, recordingLogger } from "../../../services/testing/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";

/** An application in memory with a service that has control of it, and a service to be controlled. */
class Scene {
  readonly reactor = new MemoryReactor();
  readonly log = recordingLogger();
  lives = 0;
  #control: ApplicationControl | null = null;
  #end: () => void = () => {};

  async start(grants: readonly string[] = ["control"]): Promise<void> {
    const application = new Application("demo");
    application.addService("operator", () => ({
      start: (ctx) => {
        this.#end = ctx.finish;
        this.#control = ctx.get(applicationControl);
      },
    }), { grants, significant: true, restart: "transient", giveUp: { failures: 0, within: 1_000 } });
    application.addService("web", () => ({
      start: (ctx) => {
        ctx.log.info(`Life ${++this.lives}`);
        ctx.get(metrics).counter("lives_total", { help: "Lives" }).with().inc();
      },
    }));
    this.ended = run(application, { reactor: this.reactor, log: () => this.log });
    await this.reactor.settle();
  }

  ended: ReturnType<typeof run> | null = null;

  get control(): ApplicationControl {
    return this.#control!;
  }

  async end(): Promise<number> {
    this.#end();
    await this.reactor.advance(10_000);
    return (await this.ended!).status;
  }
}

Deno.test("a service that is granted control stops, starts and restarts others, and hears what came of it", async () => {
  const scene = new Scene();
  await scene.start();
  const { control } = scene;
  assertEquals(await control.stop("web"), { path: "web", state: "stopped" });
  assertEquals(control.statusOf("web")!.state, "stopped");
  assertEquals(await control.start("web"), { path: "web", state: "ready" });
  assertEquals(await control.restart("web"), { path: "web", state: "ready" });
  assertEquals(scene.lives, 3);
  assertEquals((await control.start("wbe")).reason, "there is no such unit");
  assertEquals(await scene.end(), 0);
});

Deno.test("who has control reads the log and the metrics, of services and of the runner", async () => {
  const scene = new Scene();
  await scene.start();
  const { control } = scene;
  await control.restart("web");
  const own = control.logs({ service: "web" }).map(({ message }) => message);
  assertEquals(own.filter((message) => message.startsWith("Life")), ["Life 1", "Life 2"]);
  const families = new Map(control.metrics().map((family) => [family.name, family]));
  assertEquals(families.get("lives_total")!.samples, [{ labels: ["web"], value: 2 }]);
  const states = families.get("heddle_service_state")!.samples.filter(({ value }) => value === 1);
  assertEquals(states.map(({ labels }) => labels), [["operator", "ready"], ["web", "ready"]]);
  for (
    const name of ["heddle_service_restarts_total", "heddle_loop_lag_seconds", "process_cpu_seconds_total"]
  ) {
    assert(families.has(name), name);
  }
  assertEquals(await scene.end(), 0);
});

Deno.test("a service to which nothing is granted does not get control, and is told how to", async () => {
  const scene = new Scene();
  await scene.start([]);
  await scene.reactor.advance(10_000);
  const { status, reason } = await scene.ended!;
  assertEquals(status, 69);
  assertStringIncludes(
    reason,
    `Cannot get "heddle.application_control" for service "operator": it is not granted; write "grants: [control]" there`,
  );
});
