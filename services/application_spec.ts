import type { ProcessSpec } from "./process_spec.ts";
import type { Service } from "./service.ts";

/**
 * An application as the supervisor sees it: a tree of groups and services, plain data but for
 * `makeService`. A YAML file and {@linkcode Application} in code both become this. Durations are
 * milliseconds.
 */

/** `permanent`: restart whatever happened; `transient`: unless it finished on purpose; `temporary`: never. */
export type Restart = "permanent" | "transient" | "temporary";

/** Which siblings restart with a failed one, OTP's: it alone, it and those declared after it, all. */
export type Strategy = "one-for-one" | "rest-for-one" | "one-for-all";

/** The delay before attempt n is `initial * factor**n`, at most `max`, drawn between half of it and all of it. */
export interface Backoff {
  /** Default 100. */
  readonly initial: number;
  /** Default 2. */
  readonly factor: number;
  /** Default 30,000. */
  readonly max: number;
  /** Ready for so long, a service's failures are forgotten. Default 60,000. */
  readonly resetAfter: number;
}

/** More than `failures` failures within `within` ms end a service `failed`. */
export interface GiveUp {
  /** How many failures are borne. */
  readonly failures: number;
  /** The time in which they are counted, ms. */
  readonly within: number;
}

/** What services and groups have in common. */
export interface UnitSpec {
  /** Its key among its siblings. */
  readonly name: string;
  /** Paths of units that must be ready before this one starts; order only. */
  readonly after: readonly string[];
  /** Paths of units that this one is bound to. */
  readonly needs: readonly string[];
  /** When it is started again after its end. Default `permanent`. */
  readonly restart: Restart;
  /** When it fails for good, its group fails. Default false. */
  readonly significant: boolean;
  /** How long to wait before it is started again. */
  readonly backoff: Backoff;
  /** Null: try for ever. Default null; 5 within 30,000 when `significant`. */
  readonly giveUp: GiveUp | null;
}

/** One service. */
export interface ServiceSpec extends UnitSpec {
  /** Tells a service from a group. */
  readonly kind: "service";
  /** Called for every start. May throw: a failed start. */
  makeService(): Service | Promise<Service>;
  /** Default 10,000. */
  readonly startTimeout: number;
  /** From the request to stop until `signal` is aborted. Default 10,000. */
  readonly stopTimeout: number;
  /** How long it waits for a crashed need to be ready again before it restarts too. Default 5,000. */
  readonly needsGrace: number;
  /** How long the listeners of a crashed or replaced service stay open for its successor. Default 5,000. */
  readonly holdFor: number;
  /** Milliseconds between calls of `health`. Default 10,000. */
  readonly healthInterval: number;
  /** May old and new run side by side while a reload replaces it. Default `exclusive`. */
  readonly replace: "overlap" | "exclusive";
  /**
   * Of all runners of a fleet, one at a time runs it: the one that is elected by the registry among its needs. Default
   * false.
   */
  readonly singleton?: boolean;
  /** Equal fingerprints mean: a reload need not touch it. */
  readonly fingerprint: string;
  /** The options that `Service.reload` would be given. */
  readonly options: unknown;
  /** What of the application's own it may have beyond what all may: `control`. Default nothing. */
  readonly grants?: readonly string[];
  /** The plugin's specifier as the file has it; absent in code. */
  readonly plugin?: string;
  /**
   * What a running instance cannot change (plugin, isolation, permissions), as text; default: `plugin`. Where it
   * differs, a reload replaces the service without offering it the new options.
   */
  readonly hosting?: string;
  /** Runs it in a process of its own, or several; absent: on the reactor of the runner. */
  readonly process?: ProcessSpec;
}

/** A group: a supervisor of its own. */
export interface GroupSpec extends UnitSpec {
  /** Tells a group from a service. */
  readonly kind: "group";
  /** Which children restart with a failed one. Default `one-for-one`. */
  readonly strategy: Strategy;
  /** In the order of declaration. */
  readonly children: readonly (ServiceSpec | GroupSpec)[];
}

/** A whole application. Paths in `after` and `needs` are absolute, joined by dots (`backend.store`). */
export interface ApplicationSpec {
  /** The name by which the application is known. */
  readonly name: string;
  /** The root group; its own name is `""`. */
  readonly root: GroupSpec;
}

/** The backoff of a unit that says nothing else. */
export const DEFAULT_BACKOFF: Backoff = { initial: 100, factor: 2, max: 30_000, resetAfter: 60_000 };
/** The `giveUp` of a significant unit that says nothing else. */
export const SIGNIFICANT_GIVE_UP: GiveUp = { failures: 5, within: 30_000 };
/** What a unit has when nothing else is said. */
export const UNIT_DEFAULTS = {
  after: [],
  needs: [],
  restart: "permanent",
  significant: false,
  backoff: DEFAULT_BACKOFF,
} as const satisfies Partial<UnitSpec>;
/** What a service has when nothing else is said. */
export const SERVICE_DEFAULTS = {
  startTimeout: 10_000,
  stopTimeout: 10_000,
  needsGrace: 5_000,
  holdFor: 5_000,
  healthInterval: 10_000,
  replace: "exclusive",
} as const satisfies Partial<ServiceSpec>;
