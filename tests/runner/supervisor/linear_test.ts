import type { ApplicationSpec, GroupSpec, ServiceSpec } from "../../../services/application_spec.ts";
import { Core } from "../../../runner/supervisor/_core.ts";
import type { Command, CoreEvent } from "../../../runner/supervisor/_messages.ts";
import type { ServiceUnit, Unit } from "../../../runner/supervisor/_unit.ts";
import { assert, assertEquals } from "../../assert.ts";
import { Scene } from "./_scene.ts";
import { application, group, service } from "./_specs.ts";

/** Trees of `n` services in which something or other has `n` neighbours. */
const SHAPES: Readonly<Record<string, (n: number) => ApplicationSpec>> = {
  "siblings": (n) => application(many(n)),
  "one-for-all": (n) => application(many(n), { strategy: "one-for-all" }),
  "rest-for-one": (n) => application(many(n), { strategy: "rest-for-one" }),
  "all need one": (n) => application([service("0"), ...many(n, 1, () => ({ needs: ["0"], needsGrace: 10 }))]),
  "one needs all": (n) => application([...many(n), service("last", { needs: names(n) })]),
  "a chain": (n) => application(many(n, 0, (i) => i === 0 ? {} : { needs: [`${i - 1}`], needsGrace: 10 })),
  "all need a group": (n) =>
    application([
      group("g", many(n / 2)),
      ...many(n / 2, n / 2, () => ({ needs: ["g"], needsGrace: 10 })),
    ]),
  "a group needs one": (n) => application([service("x"), group("g", many(n), { needs: ["x"] })]),
  "groups of ten": (n) => application(nested(n, 10)),
};

function many(
  n: number,
  from = 0,
  settings: (i: number) => Partial<ServiceSpec> = () => ({}),
): ServiceSpec[] {
  return Array.from({ length: n }, (_, i) => service(`${from + i}`, settings(from + i)));
}

function names(n: number): string[] {
  return Array.from({ length: n }, (_, i) => `${i}`);
}

function nested(n: number, width: number): (ServiceSpec | GroupSpec)[] {
  if (n <= width) return many(n);
  return Array.from(
    { length: width },
    (_, i) => group(`${i}`, nested(n / width, width), { strategy: "one-for-all" }),
  );
}

/** Runs a core with services that do at once what they are told; counts what it does. */
class Counted {
  readonly core: Core;
  work = 0;
  launched = 0;
  #now = 0;
  readonly #timers: Map<number, number> = new Map();
  firstLife = 0;

  constructor(spec: ApplicationSpec) {
    this.core = new Core(spec, () => 1);
    const { machine } = this.core;
    const { tree } = machine;
    const [mark, servicesIn] = [machine.mark, tree.servicesIn];
    Object.assign(machine, {
      mark: (unit: Unit): void => {
        this.work++;
        mark.call(machine, unit);
      },
    });
    Object.assign(tree, {
      servicesIn: (unit: Unit): ServiceUnit[] => {
        const found = [...servicesIn.call(tree, unit)];
        this.work += found.length;
        return found;
      },
    });
  }

  run(event: CoreEvent): void {
    const inbox = [event];
    for (let i = 0; i < inbox.length; i++) {
      for (const command of this.core.step(inbox[i]!, this.#now)) {
        this.work++;
        inbox.push(...this.#answer(command));
      }
    }
  }

  /** Let all timers up to `ms` from now fire. */
  pass(ms: number): void {
    this.#now += ms;
    for (const [timer, time] of [...this.#timers]) {
      if (time > this.#now || !this.#timers.delete(timer)) continue;
      this.run({ kind: "timer", timer });
    }
  }

  #answer(command: Command): CoreEvent[] {
    switch (command.kind) {
      case "launch":
        this.launched++;
        this.firstLife ||= command.life;
        return [{ kind: "started", life: command.life }];
      case "stopLife":
        return [{ kind: "gone", life: command.life, leftovers: [] }];
      case "arm":
        this.#timers.set(command.timer, this.#now + command.ms);
        return [];
      case "cancel":
        this.#timers.delete(command.timer);
        return [];
      default:
        return [];
    }
  }
}

/** What it takes to start, bear a crash of the first service, restart everything once, and stop. */
function workFor(spec: ApplicationSpec): number {
  const counted = new Counted(spec);
  const services = counted.core.machine.tree.services.length;
  counted.run({ kind: "start" });
  assertEquals(counted.core.machine.tally.ready, services);
  const error = new Error("boom");
  counted.run({ kind: "ended", life: counted.firstLife, ending: { kind: "failed", error } });
  counted.pass(50);
  counted.pass(100);
  assertEquals(counted.core.machine.tally.ready, services);
  counted.run({ kind: "operate", action: "restart", path: "", request: 1 });
  assertEquals(counted.core.machine.tally.ready, services);
  counted.run({ kind: "stop" });
  assertEquals(counted.core.machine.phase, "ended");
  assert(counted.launched > services);
  return counted.work;
}

for (const [name, shape] of Object.entries(SHAPES)) {
  Deno.test(`ten times the services are ten times the work: ${name}`, () => {
    const [small, large] = [workFor(shape(1_000)), workFor(shape(10_000))];
    assert(large < 12 * small, `${small} steps for 1000 services, ${large} for 10,000`);
  });
}

Deno.test("10,000 services start, bear a crash, are reloaded and stop", async () => {
  const spec = SHAPES["groups of ten"]!(10_000);
  const scene = await Scene.started(spec);
  await scene.supervisor.firstReady;
  assertEquals(scene.supervisor.status().length, 10_000 + 1_111);
  scene.host.last("3.4.5.6").crash();
  await scene.pass(100);
  assertEquals(scene.state(""), "ready");
  const report = scene.supervisor.apply(application([...spec.root.children.slice(1), service("new")]));
  await scene.pass(0);
  assertEquals((await report).results.map(({ path, result }) => [path, result]), [["0", "done"], [
    "new",
    "done",
  ]]);
  await scene.end();
});
