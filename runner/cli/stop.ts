import type { Command } from "./command.ts";
import { operationCommand } from "./operate.ts";

/** `heddle stop` */
export const command: Command = operationCommand({
  verb: "stop",
  summary: "stop services of a running application",
  details: `\
What needs them is stopped first. They stay stopped, whatever happens around them, until they are started again.
Waits until each has stopped. The application itself ends by SIGTERM; "heddle status" shows its process.`,
});
