import type { ApplicationSpec, GroupSpec, ServiceSpec } from "../../../services/application_spec.ts";
import type { Script } from "./_fake_host.ts";

/**
 * The rules of supervision once more, as slowly and plainly as they can be put: every question is answered by
 * looking at everything. It plays the services too, by the same scripts as the fake host. Nothing is shared with
 * the supervisor.
 */

const NEVER = Infinity;
/** The supervisor waits so long beyond a stop's deadline before it gives up on it. */
const MARGIN = 1_000;

interface Life {
  readonly unit: Unit;
  readonly spec: ServiceSpec;
  readonly script: Script;
  phase: "starting" | "running" | "leaving" | "stopping";
  /** When something happens to it next. */
  due: number;
}

interface Unit {
  readonly path: string;
  spec: ServiceSpec | GroupSpec;
  parent: Unit | null;
  children: Unit[];
  /** A service's state; of a group what it was told: up, recycling, backoff, finished, failed, stopped. */
  is: string;
  held: boolean;
  returns: boolean;
  attempt: number;
  failures: number[];
  readySince: number | null;
  retryAt: number;
  graceAt: number;
  life: Life | null;
  successor: Life | null;
  next: ServiceSpec | null;
  fallback: ServiceSpec | null;
  frozen: boolean;
  round: { culprit: Unit; from: number } | null;
  /** Of a singleton: its claim to be run here, and when it is won or lost. */
  seat: { held: boolean; due: number } | null;
}

interface Reload {
  readonly spec: ApplicationSpec;
  phase: "clearing" | "settling";
  exclusive: Unit[];
  overlap: Unit[];
  removed: Unit[];
  added: Unit[];
}

/** When singletons are elected, and for how long: it depends on the path and on when. */
export interface ElectionTimes {
  readonly winsAfter: (path: string, now: number) => number;
  readonly termOf: (path: string, now: number) => number;
}

export class Model {
  now = 0;
  status: number | null = null;
  #phase: "running" | "stopping" | "ended" = "running";
  #wasReady = false;
  #finalStatus = 0;
  #units: Unit[] = [];
  #lives: Life[] = [];
  #reload: Reload | null = null;
  readonly #launches = new Map<string, number>();
  readonly #script: (path: string, n: number) => Script;
  readonly #draw: number;
  readonly #elections: ElectionTimes;

  constructor(
    spec: ApplicationSpec,
    script: (path: string, n: number) => Script,
    draw: number,
    elections: ElectionTimes,
  ) {
    this.#elections = elections;
    this.#script = script;
    this.#draw = draw;
    this.#build(spec);
    this.#reopen(this.#root);
    this.#settle();
  }

  /** State and number of launches of every unit. */
  get picture(): Record<string, string> {
    return Object.fromEntries(
      this.#units.map((unit) => [unit.path, `${this.#state(unit)} ${this.#launches.get(unit.path) ?? 0}`]),
    );
  }

  /** By which specification the service at `path` runs, or would run. */
  specOf(path: string): ServiceSpec {
    return this.#at(path)!.spec as ServiceSpec;
  }

  /** The running service at `path` ends now, and not by its script. */
  end(path: string, kind: "failed" | "finished"): void {
    if (kind === "failed") this.#failed(this.#at(path)!);
    else this.#finished(this.#at(path)!);
    this.#settle();
  }

  /** When something happens next by itself. */
  get next(): number {
    const times = this.#units.flatMap(({ retryAt, graceAt }) => [retryAt, graceAt]);
    const seats = this.#units.map(({ seat }) => seat?.due ?? NEVER);
    return Math.min(NEVER, ...times, ...seats, ...this.#lives.map(({ due }) => due));
  }

  get reloading(): boolean {
    return this.#reload !== null;
  }

  advanceTo(time: number): void {
    this.now = time;
    for (;;) {
      const life = this.#lives.find(({ due }) => due <= time);
      const retrying = this.#units.find(({ retryAt }) => retryAt <= time);
      const bereft = this.#units.find(({ graceAt }) => graceAt <= time);
      const seated = this.#units.find(({ seat }) => seat !== null && seat.due <= time);
      if (life !== undefined) this.#lifeDue(life);
      else if (seated !== undefined) this.#seatDue(seated);
      else if (retrying !== undefined) this.#retry(retrying);
      else if (bereft !== undefined) {
        bereft.graceAt = NEVER;
        this.#bringDown([bereft], "restartable");
      } else return;
      this.#settle();
    }
  }

  // What happens to seats

  #seatDue(unit: Unit): void {
    if (unit.seat!.held) {
      unit.seat = null;
      this.#bringDown([unit], "all");
      if (unit.life?.phase === "leaving") this.#stop(unit.life, (unit.spec as ServiceSpec).stopTimeout);
    } else unit.seat = { held: true, due: this.now + this.#elections.termOf(unit.path, this.now) };
  }

  #followSeat(unit: Unit, isDue: boolean): void {
    const lives = this.#livesIn(unit).length;
    const ofUse = lives > 0 || ((unit.spec as ServiceSpec).singleton === true && isDue);
    if (!ofUse) unit.seat = null;
    else if (unit.seat === null && lives === 0) {
      unit.seat = { held: false, due: this.now + this.#elections.winsAfter(unit.path, this.now) };
    }
  }

  // What happens to lives

  #lifeDue(life: Life): void {
    const { unit, script, spec } = life;
    if (life.phase === "stopping") {
      this.#lives = this.#lives.filter((other) => other !== life);
      if (unit.life !== life) return;
      unit.life = null;
      if (unit.is === "draining") unit.is = this.#landing(unit);
    } else if (life.phase === "starting") {
      const fails = script.startError !== undefined || script.start === "hang" ||
        (script.start ?? 0) > spec.startTimeout;
      if (fails) this.#startFailed(life);
      else this.#started(life);
    } else if (script.ending?.kind === "finished") this.#finished(unit);
    else this.#failed(unit);
  }

  #started(life: Life): void {
    const { unit, script } = life;
    life.phase = "running";
    life.due = script.endsAfter === undefined ? NEVER : this.now + script.endsAfter;
    unit.readySince = this.now;
    if (unit.successor === life) {
      const old = unit.life!;
      unit.life = life;
      unit.successor = null;
      unit.spec = life.spec;
      this.#stop(old, life.spec.stopTimeout);
    } else {
      unit.fallback = null;
      unit.is = "ready";
    }
  }

  #startFailed(life: Life): void {
    const { unit } = life;
    if (unit.successor === life) {
      unit.successor = null;
      this.#stop(life, 0);
    } else if (unit.fallback !== null) {
      unit.spec = unit.fallback;
      unit.fallback = null;
      unit.is = "waiting";
      unit.graceAt = NEVER;
      this.#stop(life, 0);
    } else this.#failed(unit);
  }

  #stop(life: Life, within: number): void {
    const { stop = 0 } = life.script;
    life.phase = "stopping";
    life.due = this.now + (stop === "hang" ? within + MARGIN : Math.min(stop, within));
  }

  #launch(unit: Unit, spec: ServiceSpec): Life {
    const script = this.#script(unit.path, this.#countLaunch(unit.path));
    const start = script.start === "hang" ? NEVER : script.start ?? 0;
    const due = this.now + Math.min(start, spec.startTimeout);
    const life: Life = { unit, spec, script, phase: "starting", due };
    this.#lives.push(life);
    return life;
  }

  #countLaunch(path: string): number {
    const n = this.#launches.get(path) ?? 0;
    this.#launches.set(path, n + 1);
    return n;
  }

  // Failures

  #failed(unit: Unit): void {
    this.#dropSuccessor(unit);
    unit.graceAt = NEVER;
    this.#stop(unit.life!, 0);
    const delay = this.#delay(unit, true);
    if (delay === null) this.#failForGood(unit);
    else this.#later(unit, delay);
  }

  #finished(unit: Unit): void {
    this.#dropSuccessor(unit);
    unit.graceAt = NEVER;
    this.#stop(unit.life!, (unit.spec as ServiceSpec).stopTimeout);
    if (unit.spec.restart === "permanent") this.#later(unit, this.#delay(unit, false)!);
    else unit.is = "finished";
  }

  #delay(unit: Unit, counts: boolean): number | null {
    const { backoff, giveUp, restart } = unit.spec;
    if (unit.readySince !== null && this.now - unit.readySince >= backoff.resetAfter) {
      unit.attempt = 0;
      unit.failures = [];
    }
    if (counts) {
      if (restart === "temporary") return null;
      if (giveUp !== null) {
        unit.failures.push(this.now);
        const recent = unit.failures.filter((time) => time >= this.now - giveUp.within);
        if (recent.length > giveUp.failures) return null;
      }
    }
    let delay = backoff.initial;
    for (let i = 0; i < unit.attempt; i++) delay *= backoff.factor;
    unit.attempt++;
    return Math.min(delay, backoff.max) * (0.5 + 0.5 * this.#draw);
  }

  #later(unit: Unit, delay: number): void {
    unit.is = "backoff";
    unit.retryAt = this.now + delay;
    const group = unit.parent!;
    const strategy = (group.spec as GroupSpec).strategy;
    if (strategy === "one-for-one") return;
    const from = strategy === "one-for-all" ? 0 : group.children.indexOf(unit);
    group.round = { culprit: unit, from };
    const siblings = group.children.slice(from).filter((sibling) => sibling !== unit);
    for (const sibling of siblings) {
      if (sibling.spec.kind === "service") this.#bringDown([sibling], "restartable");
      else if (sibling.is === "up" || sibling.is === "backoff") {
        this.#takeDown(sibling, sibling.spec.restart === "temporary" ? "stopped" : "recycling");
      }
    }
  }

  #failForGood(unit: Unit): void {
    unit.is = "failed";
    if (unit.spec.significant) return this.#groupFailed(unit.parent!);
    this.#bringDown(this.#dependentsOf([unit]), "dependents");
  }

  #groupFailed(group: Unit): void {
    if (group.is !== "up" || this.#phase !== "running") return;
    if (group.parent === null) {
      group.is = "failed";
      return this.#shutDown(this.#wasReady ? 70 : 69);
    }
    const delay = this.#delay(group, true);
    this.#takeDown(group, delay === null ? "failed" : "backoff");
    if (delay === null) this.#failForGood(group);
    else this.#later(group, delay);
  }

  #retry(unit: Unit): void {
    unit.retryAt = NEVER;
    if (unit.spec.kind === "service") unit.is = "waiting";
    else this.#reopen(unit);
  }

  // Stopping

  /** Stop a group and all in it. */
  #takeDown(group: Unit, to: string): void {
    group.is = to;
    group.retryAt = NEVER;
    for (const unit of this.#within(group)) {
      unit.round = null;
      if (unit !== group && unit.spec.kind === "group" && unit.is === "backoff") {
        unit.is = "up";
        unit.retryAt = NEVER;
      }
    }
    this.#bringDown([group], "all");
  }

  #bringDown(units: Unit[], terms: "all" | "restartable" | "dependents"): void {
    const chosen = units.flatMap((unit) => this.#within(unit)).filter((unit) => !this.#over(unit));
    // A group that is itself to go takes its dependents along even though it is already called stopped or failed.
    for (const unit of units) {
      if (unit.spec.kind === "group" && unit.is !== "finished" && !chosen.includes(unit)) chosen.push(unit);
    }
    const bound = new Set<Unit>();
    for (let more = this.#dependentsOf(chosen); more.length > 0;) {
      const fresh = more.filter((unit) => !bound.has(unit) && !this.#over(unit));
      for (const unit of fresh) bound.add(unit);
      more = this.#dependentsOf(fresh);
    }
    for (const unit of chosen) {
      if (unit.spec.kind === "service") this.#down(unit, terms);
    }
    for (const unit of bound) {
      if (unit.spec.kind === "service" && !chosen.includes(unit)) this.#down(unit, "dependents");
    }
  }

  #down(unit: Unit, terms: "all" | "restartable" | "dependents"): void {
    if (unit.is === "starting" || unit.is === "ready") {
      this.#dropSuccessor(unit);
      unit.is = "draining";
      unit.graceAt = NEVER;
      unit.returns = terms === "all" || unit.spec.restart !== "temporary";
      unit.life!.phase = "leaving";
      unit.life!.due = NEVER;
    } else if (terms !== "dependents" && (unit.is === "waiting" || unit.is === "backoff")) {
      unit.retryAt = NEVER;
      unit.returns = true;
      unit.is = this.#landing(unit);
    } else if (unit.is === "draining" && terms === "all") unit.returns = true;
  }

  #landing(unit: Unit): string {
    const dead = this.#around(unit).some(({ is }) => ["stopped", "failed", "finished"].includes(is));
    return unit.held || !unit.returns || dead ? "stopped" : "waiting";
  }

  #dropSuccessor(unit: Unit): void {
    const life = unit.successor;
    const spec = life?.spec ?? unit.next;
    if (spec === null) return;
    unit.successor = unit.next = null;
    unit.fallback = unit.spec as ServiceSpec;
    unit.spec = spec;
    if (life !== null) this.#stop(life, 0);
  }

  #reopen(group: Unit): void {
    group.retryAt = NEVER;
    if (this.#livesIn(group).length > 0) return void (group.is = "recycling");
    group.is = "up";
    group.readySince = null;
    group.round = null;
    const inner = this.#within(group).filter((unit) => unit !== group);
    for (const unit of inner) {
      this.#forget(unit);
      unit.round = null;
      unit.retryAt = NEVER;
      if (unit.spec.kind === "group" && !unit.held) unit.is = "up";
    }
    for (const unit of inner) {
      if (unit.spec.kind === "group") continue;
      unit.returns = true;
      if (this.#landing(unit) === "waiting") unit.is = "waiting";
    }
  }

  #forget(unit: Unit): void {
    unit.attempt = 0;
    unit.failures = [];
    unit.readySince = null;
  }

  // What operators ask for

  start(path: string): void {
    if (this.#phase === "running") this.#start(this.#at(path)!);
    this.#settle();
  }

  stop(path: string): void {
    const unit = this.#at(path)!;
    if (this.#phase === "running" && unit.is !== "finished" && unit.is !== "failed") {
      unit.held = true;
      if (unit.spec.kind === "group") this.#takeDown(unit, "stopped");
      else this.#bringDown([unit], "all");
    }
    this.#settle();
  }

  restart(path: string): void {
    const unit = this.#at(path)!;
    if (this.#phase === "running") {
      if (unit.spec.kind === "service") {
        unit.held = false;
        this.#forget(unit);
        if (unit.is === "starting" || unit.is === "ready") this.#bringDown([unit], "all");
        else this.#start(unit);
      } else {
        for (const inner of this.#within(unit)) inner.held = false;
        this.#forget(unit);
        if (this.#livesIn(unit).length === 0 || this.#over(unit)) {
          if (unit.is !== "recycling") this.#reopen(unit);
        } else if (unit.is !== "recycling") this.#takeDown(unit, "recycling");
      }
    }
    this.#settle();
  }

  shutDown(): void {
    if (this.#phase === "running") this.#shutDown(0);
    this.#settle();
  }

  force(): void {
    this.shutDown();
    if (this.#phase !== "stopping") return;
    for (const life of this.#lives) this.#stop(life, 0);
    this.advanceTo(this.now);
    this.#settle();
  }

  #start(unit: Unit): void {
    unit.held = false;
    if (unit.spec.kind === "group") {
      this.#forget(unit);
      if (unit.is === "up") return unit.children.forEach((child) => this.#start(child));
      for (const inner of this.#within(unit)) inner.held = false;
      if (unit.is !== "recycling") this.#reopen(unit);
      return;
    }
    if (unit.is !== "starting" && unit.is !== "ready") this.#forget(unit);
    unit.returns = true;
    unit.retryAt = NEVER;
    if ((unit.is === "backoff" || this.#over(unit)) && this.#landing(unit) === "waiting") unit.is = "waiting";
  }

  #shutDown(status: number): void {
    this.#phase = "stopping";
    this.#finalStatus = status;
    if (this.#over(this.#root)) this.#bringDown([this.#root], "all");
    else this.#takeDown(this.#root, "stopped");
  }

  // Reloads

  apply(spec: ApplicationSpec): void {
    if (this.#phase !== "running") return;
    const reload: Reload = { spec, phase: "clearing", exclusive: [], overlap: [], removed: [], added: [] };
    this.#reload = reload;
    for (const unit of this.#units) unit.next = null;
    for (const unit of this.#units) {
      const wanted = find(spec.root, unit.path);
      if (unit.parent !== null && wanted?.kind !== unit.spec.kind) reload.removed.push(unit);
      else if (wanted?.kind === "service") this.#change(reload, unit, wanted);
    }
    for (const unit of reload.exclusive) {
      const wanted = find(spec.root, unit.path) as ServiceSpec;
      this.#forget(unit);
      unit.fallback = unit.is === "ready" ? unit.spec as ServiceSpec : null;
      unit.spec = mixed(unit.spec as ServiceSpec, wanted);
      unit.frozen = true;
    }
    const outermost = reload.removed.filter((unit) => !reload.removed.includes(unit.parent!));
    for (const unit of outermost) {
      unit.held = true;
      for (const inner of this.#within(unit)) inner.frozen = true;
      if (unit.spec.kind === "group" && !this.#over(unit)) this.#takeDown(unit, "stopped");
    }
    this.#bringDown(outermost, "all");
    this.#bringDown(reload.exclusive, "all");
    this.#settle();
  }

  #change(reload: Reload, unit: Unit, wanted: ServiceSpec): void {
    const old = unit.spec as ServiceSpec;
    if (old.fingerprint === wanted.fingerprint) return;
    const takes = old.plugin === wanted.plugin && unit.is === "ready" &&
      unit.life!.script.reload === undefined;
    if (takes) unit.spec = mixed(old, wanted);
    else if (wanted.replace === "overlap" && unit.is === "ready") reload.overlap.push(unit);
    else reload.exclusive.push(unit);
  }

  #goOn(reload: Reload): void {
    if (this.#phase !== "running") this.#reload = null;
    else if (reload.phase === "clearing") {
      const gone = [...reload.removed, ...reload.exclusive].every((unit) => this.#livesIn(unit).length === 0);
      if (gone) this.#swap(reload);
    } else {
      const touched = [...reload.exclusive, ...reload.overlap, ...reload.added];
      const settled = touched.every((unit) =>
        unit.successor === null && unit.next === null &&
        ["ready", "backoff", "stopped", "finished", "failed"].includes(this.#state(unit))
      );
      if (settled || this.#restless === 0) this.#reload = null;
    }
  }

  #swap(reload: Reload): void {
    reload.phase = "settling";
    const before = [...this.#units];
    const specs = new Map(before.map((unit) => [unit, unit.spec]));
    this.#build(reload.spec);
    reload.added = this.#units.filter((unit) => !before.includes(unit));
    for (const unit of this.#units) {
      const { round } = unit;
      if (round === null) continue;
      const strategy = (unit.spec as GroupSpec).strategy;
      const index = unit.children.indexOf(round.culprit);
      unit.round = index < 0 || strategy === "one-for-one"
        ? null
        : { culprit: round.culprit, from: strategy === "one-for-all" ? 0 : index };
    }
    for (const unit of reload.added) if (unit.spec.kind === "group") unit.is = "up";
    for (const unit of reload.added) if (unit.spec.kind === "service") unit.is = this.#landing(unit);
    for (const unit of this.#units) {
      if (unit.fallback !== null) unit.fallback = mixed(unit.spec as ServiceSpec, unit.fallback);
    }
    for (const unit of reload.exclusive) {
      unit.frozen = false;
      if (this.#over(unit) && this.#landing(unit) === "waiting") unit.is = "waiting";
    }
    for (const unit of reload.overlap) {
      const spec = unit.spec as ServiceSpec;
      const running = mixed(spec, specs.get(unit) as ServiceSpec);
      if (unit.is === "ready") {
        unit.spec = running;
        unit.next = spec;
      } else unit.fallback = running;
    }
  }

  // What follows by itself

  #settle(): void {
    for (let before = ""; before !== this.#everything();) {
      before = this.#everything();
      this.#follow();
      if (this.#lives.some(({ due }) => due <= this.now)) this.advanceTo(this.now);
    }
  }

  /** All that one look may change and another may depend on. */
  #everything(): string {
    const units = this.#units.map((
      { is, life, round, graceAt, seat },
    ) => [is, life?.phase, round?.from, graceAt, seat]);
    return JSON.stringify([units, this.#phase, this.#reload?.phase, this.#lives.length]);
  }

  #follow(): void {
    // Services go by what groups are now.
    for (let before = ""; before !== this.#everything();) {
      before = this.#everything();
      for (const unit of this.#units) if (unit.spec.kind === "group") this.#followGroup(unit);
    }
    for (const unit of this.#units) if (unit.spec.kind === "service") this.#followService(unit);
    if (this.#reload !== null) this.#goOn(this.#reload);
    this.#judge();
    if (this.#phase === "stopping" && this.#lives.length === 0) {
      this.#phase = "ended";
      this.status = this.#finalStatus;
    }
  }

  #followGroup(group: Unit): void {
    if (group.is === "recycling" && this.#livesIn(group).length === 0) this.#reopen(group);
    const { round } = group;
    if (round !== null) {
      const members = group.children.slice(round.from);
      const stopped = members.every((member) => this.#livesIn(member).length === 0);
      if (stopped && round.culprit.is !== "backoff") group.round = null;
    }
    if (group.is === "up" && this.#phase === "running" && this.#done(group)) {
      this.#takeDown(group, "finished");
      if (group.parent === null) this.#shutDown(0);
    }
    if (this.#state(group) === "ready") group.readySince ??= this.now;
  }

  #followService(unit: Unit): void {
    const spec = unit.spec as ServiceSpec;
    const lineage = [unit, ...this.#around(unit)];
    const bereft = lineage.some((at) => at.spec.needs.some((path) => !this.#met(path)));
    const early = lineage.some((at) => at.spec.after.some((path) => !this.#passed(path)));
    const kept = lineage.some((at) => {
      const round = at.parent?.round ?? null;
      return round !== null && at.parent!.children.indexOf(at) >= round.from;
    });
    const groupsUp = this.#around(unit).every(({ is }) => is === "up");
    const itsTurn = !bereft && !early && !kept && groupsUp;
    const isDue = unit.is === "waiting" && itsTurn && unit.life === null && this.#phase === "running";
    this.#followSeat(unit, isDue);
    if (unit.is === "waiting") {
      if (!isDue || unit.frozen || (spec.singleton === true && unit.seat?.held !== true)) return;
      unit.readySince = null;
      unit.is = "starting";
      unit.life = this.#launch(unit, spec);
    } else if (unit.is === "starting" || unit.is === "ready") {
      if (unit.next !== null && unit.is === "ready" && itsTurn) {
        const next = unit.next;
        unit.next = null;
        unit.successor = this.#launch(unit, next);
      }
      if (!bereft) unit.graceAt = NEVER;
      else if (unit.graceAt === NEVER) unit.graceAt = this.now + spec.needsGrace;
    } else if (unit.is === "draining" && unit.life!.phase === "leaving") {
      const first = this.#lives.some((life) =>
        (life.phase === "leaving" || life.phase === "stopping") && this.#comesAfter(life.unit, unit)
      );
      if (!first) this.#stop(unit.life!, spec.stopTimeout);
    }
  }

  #judge(): void {
    if (this.#phase !== "running" || this.#wasReady || this.#reload !== null) return;
    const services = this.#units.filter((unit) => unit.spec.kind === "service");
    const count = (state: string): number => services.filter(({ is }) => is === state).length;
    const groupWaits = this.#units.some((unit) => unit.spec.kind === "group" && unit.is === "backoff");
    if (count("starting") + count("backoff") + count("draining") + this.#restless > 0 || groupWaits) return;
    const fine = count("ready") + count("finished");
    const standsBy = this.#units.some(({ seat }) => seat?.held === false);
    if (fine === 0 && count("failed") > 0 && !standsBy) {
      if (!this.#units.some(({ held }) => held)) this.#shutDown(69);
    } else if ((count("waiting") === 0 || standsBy) && (fine > 0 || count("stopped") === 0)) {
      this.#wasReady = true;
    }
  }

  // Questions

  get #root(): Unit {
    return this.#units[0]!;
  }

  get #restless(): number {
    return this.#lives.filter(({ phase }) => phase !== "running").length;
  }

  #at(path: string): Unit | undefined {
    return this.#units.find((unit) => unit.path === path);
  }

  #over(unit: Unit): boolean {
    return ["finished", "failed", "stopped"].includes(unit.is);
  }

  #met(path: string): boolean {
    return ["ready", "finished"].includes(this.#state(this.#at(path)!));
  }

  #passed(path: string): boolean {
    return ["ready", "finished", "failed", "stopped"].includes(this.#state(this.#at(path)!));
  }

  #state(unit: Unit): string {
    if (unit.spec.kind === "service") return unit.is;
    if (unit.is === "recycling") return "draining";
    if (unit.is === "stopped") return this.#livesIn(unit).length > 0 ? "draining" : "stopped";
    if (unit.is !== "up") return unit.is;
    const states = unit.children.map((child) => {
      const state = this.#state(child);
      const excused = child.spec.restart === "temporary" && ["failed", "stopped", "draining"].includes(state);
      return { state, counts: !excused };
    });
    if (states.every(({ state, counts }) => !counts || ["ready", "finished"].includes(state))) return "ready";
    const has = (...some: string[]): boolean => states.some(({ state }) => some.includes(state));
    if (has("starting", "ready", "backoff")) return "starting";
    if (has("draining")) return "draining";
    if (has("waiting")) return "waiting";
    return has("failed") ? "failed" : "stopped";
  }

  #done(group: Unit): boolean {
    const significant = group.children.filter((child) => child.spec.significant);
    const decisive = significant.length > 0 ? significant : group.children;
    return decisive.length > 0 && decisive.every((child) => this.#state(child) === "finished");
  }

  /** The groups around a unit, the nearest first. */
  #around(unit: Unit): Unit[] {
    return unit.parent === null ? [] : [unit.parent, ...this.#around(unit.parent)];
  }

  #within(unit: Unit): Unit[] {
    return [unit, ...unit.children.flatMap((child) => this.#within(child))];
  }

  #livesIn(unit: Unit): Life[] {
    const units = this.#within(unit);
    return this.#lives.filter((life) => units.includes(life.unit));
  }

  /** What is bound to one of `units`, or to a group that is not whole without it, with all that is in it. */
  #dependentsOf(units: Unit[]): Unit[] {
    const concerned = new Set<Unit>();
    for (let unit of units) {
      concerned.add(unit);
      while (unit.parent !== null && unit.spec.restart !== "temporary" && !isFinishedGroup(unit)) {
        unit = unit.parent;
        if (isFinishedGroup(unit)) break;
        concerned.add(unit);
      }
    }
    const bound = this.#units.filter(({ spec }) => spec.needs.some((path) => concerned.has(this.#at(path)!)));
    return bound.flatMap((unit) => this.#within(unit));
  }

  /** `late`, or a group around it, names `early`, or a group around that. */
  #comesAfter(late: Unit, early: Unit): boolean {
    const targets = [early, ...this.#around(early)].map(({ path }) => path);
    return [late, ...this.#around(late)].some(({ spec }) =>
      [...spec.needs, ...spec.after].some((path) => targets.includes(path))
    );
  }

  #build(spec: ApplicationSpec): void {
    const before = this.#units;
    const units: Unit[] = [];
    const add = (path: string, spec: ServiceSpec | GroupSpec, parent: Unit | null): Unit => {
      const old = before.find((unit) => unit.path === path && unit.spec.kind === spec.kind);
      const unit = old ?? newUnit(path, spec);
      unit.spec = spec;
      unit.parent = parent;
      units.push(unit);
      unit.children = spec.kind === "service"
        ? []
        : spec.children.map((child) => add(path === "" ? child.name : `${path}.${child.name}`, child, unit));
      return unit;
    };
    add("", spec.root, null);
    this.#units = units;
  }
}

function newUnit(path: string, spec: ServiceSpec | GroupSpec): Unit {
  return {
    path,
    spec,
    parent: null,
    children: [],
    is: "stopped",
    held: false,
    returns: true,
    attempt: 0,
    failures: [],
    readySince: null,
    retryAt: NEVER,
    graceAt: NEVER,
    life: null,
    successor: null,
    next: null,
    fallback: null,
    frozen: false,
    round: null,
    seat: null,
  };
}

function isFinishedGroup(unit: Unit): boolean {
  return unit.spec.kind === "group" && unit.is === "finished";
}

/** The settings of one, the behaviour of the other. */
function mixed(settings: ServiceSpec, behaviour: ServiceSpec): ServiceSpec {
  const { fingerprint, plugin, replace, options } = behaviour;
  return { ...settings, fingerprint, replace, options, ...(plugin === undefined ? {} : { plugin }) };
}

function find(root: GroupSpec, path: string): ServiceSpec | GroupSpec | undefined {
  let at: ServiceSpec | GroupSpec | undefined = root;
  for (const name of path === "" ? [] : path.split(".")) {
    at = at?.kind === "group" ? at.children.find((child) => child.name === name) : undefined;
  }
  return at;
}
