import type { Command } from "./command.ts";
import { operationCommand } from "./operate.ts";

/** `heddle restart` */
export const command: Command = operationCommand({
  verb: "restart",
  summary: "stop services of a running application, and start them again",
  details: `\
What needs them is stopped first, and started again after them. Their sockets stay open. Waits until each is ready, or
it is plain that it will not be yet.`,
});
