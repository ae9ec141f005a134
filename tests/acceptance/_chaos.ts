import { loadApplication } from "../../runner/app/load_application.ts";
import type { UnitInfo } from "../../runner/control/api.ts";
import type { ApplicationSpec } from "../../services/application_spec.ts";
import { Model } from "../runner/supervisor/_model.ts";
import { TextConn } from "../support/text_conn.ts";
import { applicationFile, EXTRA, PROGRAMS, QUIET, VICTIMS } from "./_chaos_application.ts";
import type { Load } from "./_chaos_load.ts";
import type { ControlledScene } from "./_isolated.ts";
import { argumentsOf, descendantsOf } from "./_proc.ts";

/** Milliseconds for all to be as the model has it. */
const SETTLE = 60_000;
/** Milliseconds for what befell a service to show. */
const NOTICE = 30_000;

/** What a blow aims at, and its kind. */
export interface Blow {
  readonly kind: string;
  /** A service or a group. */
  readonly path: string;
}

/** One kind of blow: what it may aim at, what the rules make of it, and how it is struck. */
interface Kind {
  /** It ends what it hits at once, with what that had accepted. */
  readonly isFatal?: true;
  aims(chaos: Chaos): readonly string[];
  /** Tell the model; default: the rules make nothing of it. */
  tell?(model: Model, path: string, chaos: Chaos): void;
  /** Resolves when the application has noticed. */
  strike(chaos: Chaos, path: string): Promise<void>;
}

const isVictim = (path: string): boolean => VICTIMS.has(path) && groupOf(path) !== QUIET;
const hostOf = (path: string): string => VICTIMS.get(path)!.hosting;

/** A word that ends the life that hears it. */
function fatal(word: string, aims: (path: string) => boolean): Kind {
  return {
    isFatal: true,
    aims: (chaos) => chaos.ready().filter((path) => isVictim(path) && aims(path)),
    // Of several processes the others go on.
    tell: (model, path) => hostOf(path) === "replicas" || model.end(path, "failed"),
    strike: (chaos, path) => chaos.noticed(path, (unit) => chaos.say(unit, word)),
  };
}

/** A signal to a process. */
function signal(name: Deno.Signal): Kind {
  return {
    isFatal: true,
    aims: (chaos) => chaos.ready().filter((path) => isVictim(path) && hostOf(path) !== "inline"),
    tell: (model, path) => hostOf(path) === "replicas" || model.end(path, "failed"),
    strike: (chaos, path) =>
      chaos.noticed(path, ({ pid }) => {
        chaos.load.doom(String(pid));
        Deno.kill(pid!, name);
        return Promise.resolve();
      }),
  };
}

/** What an operator asks for. */
function operation(action: "start" | "stop" | "restart", isAim: (state: string) => boolean): Kind {
  return {
    aims: (chaos) => chaos.where(isAim).filter((path) => path !== "" && groupOf(path) !== QUIET),
    tell: (model, path) => model[action](path),
    strike: async ({ app }, path) => void await app.text("POST", `/v1/${action}?unit=${path}`),
  };
}

const anyone = (): boolean => true;
const isOwn = (path: string): boolean => hostOf(path) !== "inline";
const isDown = (state: string): boolean => ["stopped", "failed", "finished"].includes(state);

const KINDS: Readonly<Record<string, Kind>> = {
  fail: fatal("fail", anyone),
  reject: fatal("reject", anyone),
  throw: fatal("throw", anyone),
  loop: fatal("loop", isOwn),
  leak: fatal("leak", isOwn),
  kill: signal("SIGKILL"),
  freeze: signal("SIGSTOP"),
  finish: {
    aims: (chaos) => chaos.ready().filter(isVictim),
    tell: (model, path) => model.end(path, "finished"),
    strike: (chaos, path) => chaos.noticed(path, (unit) => chaos.say(unit, "finish", false)),
  },
  "throw in the protocol": {
    aims: (chaos) => chaos.ready().filter(isVictim),
    async strike(chaos, path) {
      await chaos.say(await chaos.app.unit(path), "oops", false);
    },
  },
  "hang in start": {
    isFatal: true,
    aims: (chaos) => chaos.ready().filter((path) => isVictim(path) && VICTIMS.get(path)!.isPatient),
    tell(model, path, chaos) {
      if (hostOf(path) === "replicas") return;
      chaos.modelTraps.add(path);
      model.end(path, "failed");
    },
    strike(chaos, path) {
      chaos.trap(path);
      return chaos.noticed(path, (unit) => chaos.say(unit, "fail"));
    },
  },
  "hang in stop": {
    aims: (chaos) => chaos.ready().filter(isVictim),
    tell: (model, path) => model.restart(path),
    async strike(chaos, path) {
      await chaos.say(await chaos.app.unit(path), "hang-at-stop", false);
      await chaos.app.text("POST", `/v1/restart?unit=${path}`);
    },
  },
  "kill the program": {
    aims: (chaos) => chaos.ready().filter((path) => PROGRAMS.has(path)),
    tell: (model, path) => model.end(path, "failed"),
    strike: (chaos, path) =>
      chaos.noticed(path, () => {
        const pid = descendantsOf(chaos.app.served.pid)
          .find((pid) => argumentsOf(pid).at(-1) === PROGRAMS.get(path));
        Deno.kill(pid!, "SIGKILL");
        return Promise.resolve();
      }),
  },
  stop: operation("stop", (state) => !isDown(state)),
  start: operation("start", isDown),
  restart: operation("restart", anyone),
  reload: {
    aims: () => [...VICTIMS.keys(), EXTRA],
    tell: (model, _path, chaos) => model.apply(chaos.spec),
    strike: async ({ app }) => void await app.text("POST", "/v1/reload"),
  },
  "reload what hangs in start": {
    aims: (chaos) =>
      chaos.ready().filter((path) => {
        const kind = VICTIMS.get(path);
        return isVictim(path) && kind!.plugin !== "pliable" && kind!.isPatient;
      }),
    tell: (model, path, chaos) => {
      chaos.modelTraps.add(path);
      model.apply(chaos.spec);
    },
    async strike(chaos, path) {
      chaos.trap(path);
      await chaos.app.text("POST", "/v1/reload");
    },
  },
};

/** A running application, the model of what it should be, and what befalls both. */
export class Chaos {
  readonly app: ControlledScene;
  readonly load: Load;
  readonly model: Model;
  /** Whose next start hangs in the model. */
  readonly modelTraps = new Set<string>();
  /** Every process that it ever had. */
  readonly seen = new Set<number>();
  spec: ApplicationSpec;
  #generations: Record<string, number> = {};
  #hasExtra = false;

  private constructor(app: ControlledScene, load: Load, spec: ApplicationSpec) {
    this.app = app;
    this.load = load;
    this.spec = spec;
    const script = (path: string) => {
      const takesNone = VICTIMS.has(path) && VICTIMS.get(path)!.plugin !== "pliable";
      return {
        ...(takesNone && { reload: () => Promise.resolve(false) }),
        ...(this.modelTraps.delete(path) && { start: "hang" as const }),
      };
    };
    this.model = new Model(spec, script, 0, { winsAfter: () => 0, termOf: () => Infinity });
    this.#letModelSettle();
  }

  static async of(app: ControlledScene, load: Load): Promise<Chaos> {
    return new Chaos(app, load, await specOf(app));
  }

  /** State of every unit by the rules. */
  get picture(): Map<string, string> {
    return new Map(Object.entries(this.model.picture).map(([path, text]) => [path, text.split(" ")[0]!]));
  }

  /** Paths of the units whose state by the rules `is` as it should be. */
  where(is: (state: string) => boolean): string[] {
    return [...this.picture].filter(([, state]) => is(state)).map(([path]) => path);
  }

  ready(): string[] {
    return this.where((state) => state === "ready");
  }

  /** Draw a blow that touches none of `groups`; null: none of the kind that is drawn. */
  draw(random: () => number, groups: ReadonlySet<string>): Blow | null {
    const names = Object.keys(KINDS);
    const kind = names[Math.floor(random() * names.length)]!;
    const aims = KINDS[kind]!.aims(this).filter((path) =>
      this.groupsOf({ kind, path }).every((group) => !groups.has(group))
    );
    return aims.length === 0 ? null : { kind, path: aims[Math.floor(random() * aims.length)]! };
  }

  /** The groups that a blow touches. A reload does again what was rolled back before, and bears no other beside it. */
  groupsOf({ kind, path }: Blow): string[] {
    if (!isReload(kind)) return [groupOf(path)];
    const pending = [...VICTIMS.keys()].filter((victim) =>
      this.generationOf(victim) !== (this.#generations[victim] ?? 0)
    );
    return [...[path, ...pending].map(groupOf), "a reload"];
  }

  /** Several at a time, all in different groups; resolves when all is as the model has it. */
  async strike(blows: readonly Blow[]): Promise<void> {
    for (const { kind, path } of blows) {
      const { tell, isFatal } = KINDS[kind]!;
      if (isReload(kind)) await this.#change(path);
      tell?.(this.model, path, this);
      this.#letModelSettle();
      if (isFatal) this.load.excuse(path);
    }
    for (const path of this.where((state) => state !== "ready")) this.load.excuse(path);
    await Promise.all(blows.map(({ kind, path }) => KINDS[kind]!.strike(this, path)));
    await this.settle();
  }

  /** Start all that is down, and take over what the file says: all is ready then, and as much as at the start. */
  async heal(): Promise<void> {
    if (this.#hasExtra) await this.#change(EXTRA);
    this.model.apply(this.spec);
    await this.app.text("POST", "/v1/reload");
    for (const group of new Set(this.where(() => true).filter((path) => path !== "").map(groupOf))) {
      this.model.start(group);
      this.#letModelSettle();
      await this.app.text("POST", `/v1/start?unit=${group}`);
    }
    await this.settle();
  }

  /** Wait until all is as the model has it. */
  async settle(): Promise<void> {
    const deadline = performance.now() + SETTLE;
    for (;;) {
      const units = await this.app.units();
      for (const pid of descendantsOf(this.app.served.pid)) this.seen.add(pid);
      const differences = this.#differences(units);
      if (differences.length === 0) return await this.#expectAll(units);
      if (performance.now() > deadline) throw new Error(`It is not as the rules have it: ${differences}`);
      await pause();
    }
  }

  /** Do `act` to the service, and wait until it shows. */
  async noticed(path: string, act: (unit: UnitInfo) => Promise<void>): Promise<void> {
    const deadline = performance.now() + NOTICE;
    const look = ({ state, since, restarts, replicas }: UnitInfo) =>
      [state, since, restarts, replicas?.pids].join();
    const unit = await this.app.unit(path);
    await act(unit);
    while (look(await this.app.unit(path)) === look(unit)) {
      if (performance.now() > deadline) throw new Error(`"${path}" has not noticed`);
      await pause();
    }
  }

  /** Say `word` to a victim, which ends the life that hears it unless `isFatal` is false. */
  async say({ endpoints }: UnitInfo, word: string, isFatal = true): Promise<void> {
    using conn = await TextConn.connect(this.#reached(endpoints![0]!));
    const id = (await conn.line()).slice("hello ".length);
    if (isFatal) this.load.doom(id);
    await conn.send(`${word}\n`);
    await (isFatal ? conn.rest() : conn.line()).catch(() => {});
  }

  /** Where the service at `path` listens. */
  async placeOf(path: string): Promise<string> {
    return this.#reached((await this.app.unit(path)).endpoints![0]!);
  }

  /** Let the next start of the service hang. */
  trap(path: string): void {
    Deno.writeTextFileSync(`${this.#folder}/traps/${path}`, "");
  }

  /** What the service answers with by the rules. */
  generationOf(path: string): number {
    const { written, generation } = this.model.specOf(path).options as {
      written?: { generation: number };
      generation?: number;
    };
    return written?.generation ?? generation!;
  }

  get #folder(): string {
    return this.app.scene.folder;
  }

  /** Where a client of another working folder finds an endpoint. */
  #reached(endpoint: string): string {
    return endpoint.replace(/^unix:(?!\/)/, `unix:${this.#folder}/`);
  }

  /** The file has another generation of the victim from now on, or the extra service, or has it no more. */
  async #change(path: string): Promise<void> {
    if (path === EXTRA) this.#hasExtra = !this.#hasExtra;
    else this.#generations[path] = (this.#generations[path] ?? 0) + 1;
    const file = applicationFile(this.#generations, this.#hasExtra);
    this.app.write(file);
    this.spec = await specOf(this.app);
  }

  #letModelSettle(): void {
    while (this.model.next < Infinity) this.model.advanceTo(this.model.next);
  }

  #differences(units: readonly UnitInfo[]): string[] {
    const actual = new Map(units.map((unit) => [unit.path, unit]));
    const differences = [...this.picture]
      .filter(([path, state]) => actual.get(path)?.state !== state)
      .map(([path, state]) => `"${path}" is ${actual.get(path)?.state}, and not ${state}`);
    for (const { path } of units) {
      if (!this.picture.has(path)) differences.push(`"${path}" is there, and should not be`);
    }
    for (const { path, state, replicas } of units) {
      if (state !== "ready" || replicas === undefined || replicas.ready === replicas.wanted) continue;
      differences.push(`"${path}" has ${replicas.ready} of ${replicas.wanted} processes`);
    }
    for (const { name } of Deno.readDirSync(`${this.#folder}/traps`)) {
      differences.push(`"${name}" has not been started`);
    }
    return differences;
  }

  /** All that is ready serves again, and with the options that it has by the rules. */
  async #expectAll(units: readonly UnitInfo[]): Promise<void> {
    for (const { path, state, kind, endpoints = [] } of units) {
      const [place] = endpoints.map((endpoint) => this.#reached(endpoint));
      if (kind !== "service" || state !== "ready" || place === undefined) continue;
      this.load.expect(path, place);
      if (VICTIMS.has(path)) await this.#expectGeneration(path, place);
    }
  }

  /** Of several processes whichever answer. */
  async #expectGeneration(path: string, place: string): Promise<void> {
    for (let i = 0; i < (hostOf(path) === "replicas" ? 6 : 1); i++) {
      using conn = await TextConn.connect(place);
      await conn.line();
      await conn.send("work 0\n");
      const answer = await conn.line();
      const expected = `done 0 ${this.generationOf(path)}`;
      if (answer !== expected) throw new Error(`"${path}" answers "${answer}", and not "${expected}"`);
    }
  }
}

function groupOf(path: string): string {
  return path.split(".")[0]!;
}

function isReload(kind: string): boolean {
  return kind.startsWith("reload");
}

/** Between two looks at what has no event to wait for. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}

async function specOf(app: ControlledScene): Promise<ApplicationSpec> {
  return (await loadApplication(`${app.scene.folder}/app.yaml`, { env: new Map() })).spec;
}
