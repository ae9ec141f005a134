import type { Logger } from "../services/log.ts";
import { currentOwner } from "../services/reactor/attribution.ts";

/**
 * Catch what nobody caught, and give it to the service on whose account it happened; without one it is
 * logged as the runner's own and restarts nobody. The returned function ends that.
 */
export function catchStrayErrors(log: Logger): () => void {
  const blame = (error: unknown): void => {
    const owner = currentOwner();
    if (owner === undefined) log.error("Unhandled error that belongs to no service", { error });
    else owner.unhandled(error);
  };
  const onRejection = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    blame(event.reason);
  };
  const onError = (event: ErrorEvent): void => {
    event.preventDefault();
    blame(event.error);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return () => {
    globalThis.removeEventListener("unhandledrejection", onRejection);
    globalThis.removeEventListener("error", onError);
  };
}
