import type { ApplicationSpec, ServiceSpec } from "../../services/application_spec.ts";
import type { Ending, StopOrder } from "../host/host.ts";
import type { SupervisorEvent } from "../../services/supervision/events.ts";
import type { ExitVerdict } from "../../services/supervision/exit_verdict.ts";
import type { ReloadReport } from "../../services/supervision/reload.ts";
import type { UnitOutcome } from "../../services/supervision/status.ts";

/** One life of a service; its instance is the shell's. */
export type LifeId = number;
/** A timer that the core asked for. */
export type TimerId = number;
/** A claim of a singleton to be run here. */
export type SeatId = number;
/** An operator's request that wants an answer. */
export type RequestId = number;

/** What happens to the core. */
export type CoreEvent =
  | { readonly kind: "start" }
  | { readonly kind: "stop" }
  /** Cut whatever still lives; a stop if none was asked for. */
  | { readonly kind: "force" }
  | {
    readonly kind: "operate";
    readonly action: "start" | "stop" | "restart";
    readonly path: string;
    readonly request: RequestId;
  }
  | { readonly kind: "apply"; readonly spec: ApplicationSpec; readonly request: RequestId }
  | { readonly kind: "started"; readonly life: LifeId }
  | { readonly kind: "startFailed"; readonly life: LifeId; readonly error: unknown }
  | { readonly kind: "ended"; readonly life: LifeId; readonly ending: Ending }
  | { readonly kind: "gone"; readonly life: LifeId; readonly leftovers: readonly string[] }
  | { readonly kind: "health"; readonly life: LifeId; readonly error?: unknown }
  | { readonly kind: "reloaded"; readonly life: LifeId; readonly taken: boolean; readonly error?: unknown }
  | { readonly kind: "timer"; readonly timer: TimerId }
  /** The fleet has agreed that the singleton is run here. */
  | { readonly kind: "seatWon"; readonly seat: SeatId }
  /** It is to be run here no longer. */
  | { readonly kind: "seatLost"; readonly seat: SeatId; readonly reason: string };

/** What the core wants done. */
export type Command =
  | {
    readonly kind: "launch";
    readonly life: LifeId;
    readonly path: string;
    readonly spec: ServiceSpec;
    readonly needs: readonly string[];
    readonly staged: boolean;
    /** Of a singleton: what it runs by. */
    readonly seat: SeatId | null;
  }
  /** Stand for a singleton's election; answered by `seatWon`, and then `seatLost` unless it is left before. */
  | {
    readonly kind: "seekSeat";
    readonly seat: SeatId;
    readonly path: string;
    readonly needs: readonly string[];
    readonly stopTimeout: number;
  }
  /** Stand no longer, or let another runner have it. `hasStopped` false: not before its time has run out. */
  | { readonly kind: "leaveSeat"; readonly seat: SeatId; readonly hasStopped: boolean }
  | { readonly kind: "activate"; readonly life: LifeId }
  /** Also ends a start that is under way. Answered by `gone`. */
  | { readonly kind: "stopLife"; readonly life: LifeId; readonly order: StopOrder }
  /** Its stop does not end: expect nothing more of it. */
  | { readonly kind: "abandon"; readonly life: LifeId }
  | { readonly kind: "checkHealth"; readonly life: LifeId }
  | { readonly kind: "reload"; readonly life: LifeId; readonly options: unknown }
  | { readonly kind: "arm"; readonly timer: TimerId; readonly ms: number }
  | { readonly kind: "cancel"; readonly timer: TimerId }
  | { readonly kind: "report"; readonly event: SupervisorEvent }
  | { readonly kind: "settled"; readonly request: RequestId; readonly outcome: UnitOutcome }
  | { readonly kind: "applied"; readonly request: RequestId; readonly report: ReloadReport }
  | { readonly kind: "firstReady" }
  | { readonly kind: "exit"; readonly verdict: ExitVerdict };
