import type { ServiceContext } from "./context.ts";

/**
 * Something that starts, runs and stops under supervision. Made anew for every start: a restarted
 * service has fresh state.
 */
export interface Service<Options = unknown> {
  /** Open what is needed, through `ctx`. Settled means ready; thrown means failed, and all is rolled back. */
  start(ctx: ServiceContext): unknown | Promise<unknown>;
  /** What must be done beyond releasing what `ctx` owns; called after the drain, before the release. */
  stop?(): void | Promise<void>;
  /** Take new options without a restart. False: replace me. */
  reload?(options: Options): boolean | Promise<boolean>;
  /** Throws when the service is unhealthy; then it has failed. */
  health?(): void | Promise<void>;
}
