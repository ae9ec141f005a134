import type { ApplicationSpec } from "../../services/application_spec.ts";
import { TimeoutError } from "../../services/async/errors.ts";
import { groupFinished, lifeEnded, retry, serviceFailed, startFailed } from "./_failing.ts";
import { lookAtGroup, reopen } from "./_grouping.ts";
import { armHealth, lifeStarted, lookAtActive } from "./_launching.ts";
import { bringDown, lifeGone, lookAtDraining, STOP_MARGIN } from "./_leaving.ts";
import { Machine, type TimerPurpose } from "./_machine.ts";
import type { Command, CoreEvent, TimerId } from "./_messages.ts";
import { answerRequests, operate } from "./_operating.ts";
import { beginReload, goOnReloading, reloadAnswered } from "./_reloading.ts";
import { lookAtSeat, seatLost, seatWon } from "./_seating.ts";
import { endIfStopped, forceAsked, judgeStart, stopAsked } from "./_shutdown.ts";
import { isActive, type Life, type Unit } from "./_unit.ts";

/**
 * The rules of supervision, without effects: told what happened and when, it says what is to be done. It reads no
 * clock and does no I/O. An event costs what it changes, never a walk over the whole application.
 */
export class Core {
  readonly #machine: Machine;

  /** `random` gives numbers from 0 to 1, for the backoff. */
  constructor(spec: ApplicationSpec, random: () => number) {
    this.#machine = new Machine(spec, random);
  }

  /** What the core knows, to be read only. */
  get machine(): Readonly<Machine> {
    return this.#machine;
  }

  /** `event` happened at `now`, ms. */
  step(event: CoreEvent, now: number): Command[] {
    const m = this.#machine;
    m.now = now;
    if (m.phase !== "ended" || event.kind === "operate" || event.kind === "apply") {
      happen(m, event);
      settle(m);
    }
    return m.takeCommands();
  }
}

function happen(m: Machine, event: CoreEvent): void {
  switch (event.kind) {
    case "start":
      if (m.phase !== "new") return;
      m.phase = "running";
      return reopen(m, m.tree.root);
    case "stop":
      return stopAsked(m);
    case "force":
      return forceAsked(m);
    case "operate":
      return operate(m, event.action, event.path, event.request);
    case "apply":
      return beginReload(m, event.spec, event.request);
    case "timer":
      return timerFired(m, event.timer);
    case "seatWon":
      return seatWon(m, event.seat);
    case "seatLost":
      return seatLost(m, event.seat, event.reason);
    default: {
      const life = m.lives.get(event.life);
      if (life !== undefined) lifeEvent(m, life, event);
    }
  }
}

type LifeEvent = Extract<CoreEvent, { readonly life: number }>;

function lifeEvent(m: Machine, life: Life, event: LifeEvent): void {
  switch (event.kind) {
    case "started":
      return lifeStarted(m, life);
    case "startFailed":
      return startFailed(m, life, event.error);
    case "ended":
      return lifeEnded(m, life, event.ending);
    case "gone":
      return lifeGone(m, life, event.leftovers);
    case "health":
      life.healthAsked = false;
      if ("error" in event && life.phase === "running") serviceFailed(m, life.unit, event.error);
      return;
    case "reloaded":
      return reloadAnswered(m, life, event.taken);
  }
}

function timerFired(m: Machine, timer: TimerId): void {
  const purpose = m.timers.get(timer);
  if (purpose === undefined) return;
  m.timers.delete(timer);
  switch (purpose.kind) {
    case "retry":
      return retry(m, purpose.unit);
    case "grace":
      purpose.unit.grace = null;
      return bringDown(m, [purpose.unit], "restartable", "what it needs did not come back in time");
    case "deadline":
      purpose.life.deadline = null;
      return deadlinePassed(m, purpose.life);
    case "health":
      purpose.life.nextHealth = null;
      return checkHealth(m, purpose);
  }
}

function deadlinePassed(m: Machine, life: Life): void {
  const { startTimeout, stopTimeout } = life.spec;
  switch (life.phase) {
    case "starting":
      return startFailed(m, life, new TimeoutError(`its start took longer than ${startTimeout} ms`));
    case "running":
      return reloadAnswered(m, life, false);
    case "stopping":
      m.emit({ kind: "abandon", life: life.id });
      if (life.unit.seat !== null) life.unit.seat.isHaunted = true;
      return lifeGone(m, life, [
        `its stop, not over ${STOP_MARGIN} ms after a deadline of ${stopTimeout} ms`,
      ]);
  }
}

function checkHealth(m: Machine, { life }: TimerPurpose & { kind: "health" }): void {
  const { healthInterval } = life.unit.spec;
  if (life.healthAsked) {
    const error = new TimeoutError(`its health check was not answered within ${healthInterval} ms`);
    return serviceFailed(m, life.unit, error);
  }
  life.healthAsked = true;
  m.emit({ kind: "checkHealth", life: life.id });
  armHealth(m, life);
}

/** Look at what was touched until nothing more follows from it. */
function settle(m: Machine): void {
  do lookAtMarked(m); while (goOnReloading(m) || judgeStart(m));
  answerRequests(m);
  endIfStopped(m);
}

function lookAtMarked(m: Machine): void {
  for (const unit of m.marked()) lookAt(m, unit);
}

function lookAt(m: Machine, unit: Unit): void {
  if (unit.kind === "group") {
    if (lookAtGroup(m, unit) === "done") groupFinished(m, unit);
    return;
  }
  lookAtSeat(m, unit);
  if (unit.state === "draining") lookAtDraining(m, unit);
  else if (unit.state === "waiting" || isActive(unit)) lookAtActive(m, unit);
}
