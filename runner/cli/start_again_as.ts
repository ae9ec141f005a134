import { missingResource } from "../telemetry/resource.ts";
import type { CommandIO } from "./io.ts";
import { sameAgain, superviseAgain } from "./start_again.ts";

/**
 * Telemetry bears the name that the environment had when Deno started: where it had none, start this command line again
 * with the application's. Resolves to how that ended; null when it need not or cannot be done. Not for systemd, to which
 * this process is the service, nor without the permission to start processes.
 */
export async function startAgainAs(application: string, io: CommandIO): Promise<number | null> {
  const missing = missingResource(application, io.env);
  if (missing === null) return null;
  const mayStart = (await Deno.permissions.query({ name: "run" })).state === "granted";
  if (mayStart && io.env("NOTIFY_SOCKET") === undefined) {
    return await superviseAgain(sameAgain(), { ...missing });
  }
  io.stderr.print("Telemetry will not bear the application's name: set OTEL_SERVICE_NAME\n");
  return null;
}
