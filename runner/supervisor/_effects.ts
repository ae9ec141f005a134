import type { DelayedCall, ReactorTime } from "../../services/async/time.ts";
import type { Leadership } from "../../services/registry/registry.ts";
import type { Host, Instance, InstanceStats } from "../host/host.ts";
import type { Candidacy, Elections } from "./elections.ts";
import type { Command, CoreEvent, LifeId, SeatId, TimerId } from "./_messages.ts";

/** The commands that concern instances and timers. */
export type Effect = Extract<
  Command,
  { readonly life: LifeId } | { readonly timer: TimerId } | {
    readonly seat: SeatId;
  }
>;

interface Running {
  readonly instance: Instance;
  /** Aborted to end a start that is under way. */
  readonly starting: AbortController;
}

interface Seat {
  readonly candidacy: Candidacy;
  leadership: Leadership | null;
}

/** Carries out what the core decides, on a host and a clock, and tells it what came of it. */
export class Effects {
  readonly #host: Host;
  readonly #time: ReactorTime;
  readonly #dispatch: (event: CoreEvent) => void;
  readonly #running: Map<LifeId, Running> = new Map();
  readonly #timers: Map<TimerId, DelayedCall> = new Map();
  readonly #elections: Elections;
  readonly #seats: Map<SeatId, Seat> = new Map();

  constructor(
    host: Host,
    elections: Elections,
    time: ReactorTime,
    dispatch: (event: CoreEvent) => void,
  ) {
    this.#host = host;
    this.#elections = elections;
    this.#time = time;
    this.#dispatch = dispatch;
  }

  carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "launch":
        return this.#launch(effect);
      case "activate":
        return this.#activate(effect.life);
      case "stopLife":
        return this.#stop(effect);
      case "abandon":
        return void this.#running.delete(effect.life);
      case "checkHealth":
        return this.#checkHealth(effect.life);
      case "reload":
        return this.#reload(effect.life, effect.options);
      case "arm":
        return void this.#timers.set(
          effect.timer,
          this.#time.callLater(effect.ms, () => {
            this.#timers.delete(effect.timer);
            this.#dispatch({ kind: "timer", timer: effect.timer });
          }),
        );
      case "seekSeat":
        return this.#seekSeat(effect);
      case "leaveSeat":
        this.#seats.get(effect.seat)?.candidacy.leave(effect.hasStopped);
        return void this.#seats.delete(effect.seat);
      case "cancel":
        this.#timers.get(effect.timer)?.cancel();
        return void this.#timers.delete(effect.timer);
    }
  }

  /** What can be counted of a life's instance; undefined when it has none. */
  stats(life: LifeId): InstanceStats | undefined {
    return this.#running.get(life)?.instance.stats();
  }

  /** Replace what a life's instance consists of, piece by piece; null when it cannot be done. */
  renew(life: LifeId): Promise<void> | null {
    return this.#running.get(life)?.instance.renew?.() ?? null;
  }

  /** Let go of everything, without telling anyone. */
  cutAll(): void {
    for (const call of this.#timers.values()) call.cancel();
    this.#timers.clear();
    for (const { candidacy } of this.#seats.values()) candidacy.leave(false);
    this.#seats.clear();
    for (const { instance, starting } of this.#running.values()) {
      starting.abort();
      instance.stop({ within: 0, hold: 0 }).catch(() => {});
    }
    this.#running.clear();
  }

  #seekSeat({ seat, path, needs, stopTimeout }: Effect & { kind: "seekSeat" }): void {
    const candidacy = this.#elections.stand({
      path,
      needs,
      stopTimeout,
      won: (leadership) => {
        const held = this.#seats.get(seat);
        if (held === undefined) return;
        held.leadership = leadership;
        this.#dispatch({ kind: "seatWon", seat });
      },
      lost: (reason) => this.#dispatch({ kind: "seatLost", seat, reason }),
    });
    this.#seats.set(seat, { candidacy, leadership: null });
  }

  #launch({ life, path, spec, needs, staged, seat }: Effect & { kind: "launch" }): void {
    const failed = (error: unknown): void => this.#dispatch({ kind: "startFailed", life, error });
    try {
      const leadership = seat === null ? null : this.#seats.get(seat)?.leadership ?? null;
      const instance = this.#host.launch({
        path,
        spec,
        needs,
        staged,
        ...(leadership !== null && { leadership }),
      });
      const starting = new AbortController();
      this.#running.set(life, { instance, starting });
      instance.ended.then((ending) => this.#dispatch({ kind: "ended", life, ending }), failed);
      instance.start(starting.signal).then(() => this.#dispatch({ kind: "started", life }), failed);
    } catch (error) {
      failed(error);
    }
  }

  #activate(life: LifeId): void {
    try {
      this.#running.get(life)?.instance.activate();
    } catch (error) {
      this.#dispatch({ kind: "ended", life, ending: { kind: "failed", error } });
    }
  }

  #stop({ life, order }: Effect & { kind: "stopLife" }): void {
    const running = this.#running.get(life);
    const gone = (leftovers: readonly string[]): void => {
      this.#running.delete(life);
      this.#dispatch({ kind: "gone", life, leftovers });
    };
    // It never came to be: its launch threw.
    if (running === undefined) return gone([]);
    running.starting.abort();
    running.instance.stop(order).then(
      (report) => gone(report.leftovers),
      (error) => gone([`its stop, which failed: ${error instanceof Error ? error.message : error}`]),
    );
  }

  #checkHealth(life: LifeId): void {
    this.#running.get(life)?.instance.health().then(
      () => this.#dispatch({ kind: "health", life }),
      (error) => this.#dispatch({ kind: "health", life, error }),
    );
  }

  #reload(life: LifeId, options: unknown): void {
    this.#running.get(life)?.instance.reload(options).then(
      (taken) => this.#dispatch({ kind: "reloaded", life, taken }),
      (error) => this.#dispatch({ kind: "reloaded", life, taken: false, error }),
    );
  }
}
