import type { ExitVerdict } from "../../services/supervision/exit_verdict.ts";

/** Why an application ends. */
export type ExitCause =
  | { readonly kind: "asked" }
  | { readonly kind: "finished" }
  /** `unit` was significant and failed for good. */
  | { readonly kind: "significant"; readonly unit: string; readonly error: string }
  /** Before the application was ready, every service had failed or waited for one that had. */
  | { readonly kind: "every"; readonly unit: string; readonly error: string };

/** The verdict on a cause; `wasReady`: every service had been ready at some time. */
export function exitVerdict(cause: ExitCause, wasReady: boolean): ExitVerdict {
  switch (cause.kind) {
    case "asked":
      return { status: 0, reason: "stopped as asked" };
    case "finished":
      return { status: 0, reason: "finished" };
    case "significant":
      return { status: wasReady ? 70 : 69, reason: `"${cause.unit}" failed: ${cause.error}` };
    case "every":
      return { status: 69, reason: `every service failed, "${cause.unit}" last: ${cause.error}` };
  }
}
