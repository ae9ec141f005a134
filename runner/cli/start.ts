import type { Command } from "./command.ts";
import { operationCommand } from "./operate.ts";

/** `heddle start` */
export const command: Command = operationCommand({
  verb: "start",
  summary: "start services of a running application that were stopped, or have failed",
  details: `\
Of a group, starts what does not run in it. What failed before is forgotten. Waits until each is ready, or it is
plain that it will not be yet.`,
});
