import fc from "fast-check";
import { type LogFields, silentLogger } from "../../../services/log.ts";
import { Clock } from "../../../services/async/clock.ts";
import type { Launch } from "../../../runner/host/host.ts";
import type { Elections } from "../../../runner/supervisor/elections.ts";
import { Supervisor } from "../../../runner/supervisor/supervisor.ts";
import type { Leadership } from "../../../services/registry/registry.ts";
import { assert, assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { FakeHost, type FakeInstance } from "./_fake_host.ts";
import { type ElectionTimes, Model } from "./_model.ts";
import { type Action, electionsOf, type Scenario, scenario, scriptOf, toSpec } from "./_scenario.ts";

const RUNS = Number(Deno.env.get("HEDDLE_MODEL_RUNS") ?? 2_000);
/** Steps before the shutdown. */
const STEPS = 120;

/** A supervisor and the model of it, in step. */
class Pair {
  readonly clock = new Clock();
  readonly host: FakeHost;
  readonly supervisor: Supervisor;
  readonly model: Model;
  /** What a launch found wrong: to throw there would only fail the start. */
  readonly #violations: string[] = [];
  /** The picture at the last comparison. */
  #before: Record<string, string> = {};
  #edits = 0;
  #stopping = false;

  constructor(readonly scenario: Scenario) {
    const script = scriptOf(scenario);
    this.host = new FakeHost(this.clock, (path, n, launch) => {
      this.#checkLaunch(path, launch);
      return script(path, n);
    });
    const spec = toSpec(scenario, 0);
    const times = electionsOf(scenario);
    this.model = new Model(spec, script, scenario.draw, times);
    this.supervisor = new Supervisor(spec, {
      host: this.host,
      elections: electionsAt(times, this.clock),
      time: this.clock,
      random: () => scenario.draw,
      log: { ...silentLogger, error: (message, fields) => this.#heardError(message, fields) },
    });
    this.supervisor.start().catch(() => {});
  }

  /** Let time pass until `time`, or until the model or the supervisor has something to do. */
  async advance(time: number): Promise<void> {
    const next = Math.min(time, this.model.next, this.clock.pending[0] ?? Infinity);
    this.clock.advance(next - this.clock.now());
    await jobs();
    this.model.advanceTo(next);
    this.compare();
  }

  compare(): void {
    const launches = (path: string): number => this.host.count(path);
    const actual = Object.fromEntries(
      this.supervisor.status().map(({ path, state }) => [path, `${state} ${launches(path)}`]),
    );
    this.#before = actual;
    assertEquals(this.#violations, []);
    assertEquals(actual, this.model.picture, `at ${this.clock.now()}`);
  }

  async act({ kind, target }: Action): Promise<void> {
    const { model, supervisor } = this;
    const paths = Object.keys(model.picture);
    const path = paths[target % paths.length]!;
    switch (kind) {
      case "start":
      case "stop":
      case "restart":
        supervisor[`${kind}Unit`](path);
        model[kind](path);
        break;
      case "apply":
        if (model.reloading) break;
        supervisor.apply(toSpec(this.scenario, ++this.#edits));
        model.apply(toSpec(this.scenario, this.#edits));
        break;
      case "shutDown":
        if (model.status === null && !this.#stopping) supervisor.stop();
        model.shutDown();
        this.#stopping = true;
        break;
      case "force":
        supervisor.force();
        model.force();
        this.#stopping = true;
    }
    await jobs();
    this.compare();
  }

  async shutDown(): Promise<void> {
    if (!this.#stopping) this.supervisor.stop();
    this.model.shutDown();
    await jobs();
    const within = Object.keys(this.model.picture).length * 500_000_000 + 500_000_000;
    const deadline = this.clock.now() + within;
    while (this.model.status === null && this.clock.now() < deadline) await this.advance(deadline);
    assert(this.clock.now() < deadline, "the shutdown did not end in time");
    await jobs();
    let verdict: { status: number } | null = null;
    this.supervisor.ended.then((value) => verdict = value);
    await jobs();
    assertEquals(verdict!.status, this.model.status);
    assertEquals(this.clock.pending, [], "timers are left");
    this.compare();
  }

  /** What must hold at every launch, whatever the model says. */
  #checkLaunch(path: string, { spec, staged }: Launch): void {
    const running = this.#instances(path).filter(({ alive, orders }) => alive && orders.length === 0);
    if (running.length > (staged ? 1 : 0)) this.#violations.push(`"${path}" runs already`);
    for (const need of spec.needs) {
      // Or it was finished, until a reload revived it in this very step.
      const wasFinished = this.#before[need]?.startsWith("finished");
      const isFinished = this.supervisor.status().find(({ path }) => path === need)?.state === "finished";
      const lives = this.#instances(need);
      if (lives.length > 0 && !wasFinished && !isFinished && !lives.some(({ ready }) => ready)) {
        this.#violations.push(`"${path}" was launched without "${need}"`);
      }
    }
  }

  #heardError(message: string, fields: LogFields = {}): void {
    if (message === "The supervisor failed") this.#violations.push(`${fields["error"]}`);
  }

  #instances(path: string): FakeInstance[] {
    return this.host.instances.get(path) ?? [];
  }
}

/** Elections that are won and lost at these times. */
function electionsAt({ winsAfter, termOf }: ElectionTimes, clock: Clock): Elections {
  const leadership: Leadership = {
    fencingToken: 1,
    lost: new AbortController().signal,
    resign: () => Promise.resolve(),
    abandon: () => {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return {
    stand({ path, won, lost }) {
      const wait = winsAfter(path, clock.now());
      if (wait === Infinity) return { leave() {} };
      let call = clock.callLater(wait, () => {
        call = clock.callLater(termOf(path, clock.now()), () => lost("the term is over"));
        won(leadership);
      });
      return { leave: () => call.cancel() };
    },
  };
}

/** Let everything that waits for promises have its turn; the fakes never wait longer than this. */
async function jobs(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}

Deno.test("the supervisor does what the model of the rules does, whatever happens", async () => {
  await checkProperty(
    fc.asyncProperty(scenario, async (scenario) => {
      const pair = new Pair(scenario);
      await jobs();
      pair.compare();
      const actions = [...scenario.actions];
      let due = actions[0]?.wait ?? Infinity;
      for (let step = 0; step < STEPS && pair.model.status === null; step++) {
        if (pair.clock.now() < due) {
          if (Math.min(pair.model.next, due) === Infinity) break;
          await pair.advance(due);
          continue;
        }
        await pair.act(actions.shift()!);
        due = actions[0] === undefined ? Infinity : pair.clock.now() + actions[0].wait;
      }
      await pair.shutDown();
    }),
    { numRuns: RUNS },
  );
});
