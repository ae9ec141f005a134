import type { ServiceSpec } from "../application_spec.ts";

/**
 * What a reload does to one unit.
 *
 * - `add`, `remove`: as they say, with all that is in a group.
 * - `reload`: its options go to the running service; one that refuses them is replaced.
 * - `replace`: a new instance takes over. `overlap`: it starts beside the old one; `exclusive`: after it.
 * - `settings`: supervision settings change, and nothing is restarted.
 */
export type ReloadAction = "add" | "remove" | "reload" | "replace" | "settings";

/** One step of a {@linkcode ReloadPlan}. */
export interface ReloadStep {
  /** The unit's absolute path. */
  readonly path: string;
  /** What is done to it. */
  readonly action: ReloadAction;
  /** How it is replaced: with `replace`, and with `reload` should it be refused. */
  readonly replace?: ServiceSpec["replace"];
}

/** What a reload would do, in the order of the new declaration, what is removed first. Empty: nothing. */
export interface ReloadPlan {
  /** Each changed unit once. */
  readonly steps: readonly ReloadStep[];
}

/** What came of a step. */
export interface ReloadResult extends ReloadStep {
  /**
   * `done`; `rolled back`: the old options run again; `failed`: it did not start and there was nothing to
   * go back to; `waiting`: it could not start yet; `interrupted`: a stop or shutdown came first.
   */
  readonly result: "done" | "rolled back" | "failed" | "waiting" | "interrupted";
  /** Why, when it is not `done`. */
  readonly reason?: string;
}

/** What came of a reload, step by step. */
export interface ReloadReport {
  /** In the order of the plan. */
  readonly results: readonly ReloadResult[];
}
