import type { HealthReply } from "../control/api.ts";
import { type Command, defineCommand } from "./command.ts";
import { CONTROL_EXIT, CONTROL_FLAGS, withRunner } from "./control_flags.ts";
import { EXIT } from "./exit_status.ts";

/** `heddle health` */
export const command: Command = defineCommand({
  verb: "health",
  summary: "tell whether a running application is healthy, for health checks",
  usage: "",
  operands: { name: "nothing", min: 0, max: 0 },
  flags: CONTROL_FLAGS,
  details: `\
It is, once every service has been ready, as long as none is in backoff or has failed. What an operator has stopped
does not count.

Exit status: 0 healthy; 1 not, and why is printed; ${CONTROL_EXIT}.`,
  async run({ flags }, io) {
    return await withRunner(flags, io, async (client) => {
      const { body } = await client.ask<HealthReply>("GET", "/v1/health");
      if (flags.json) io.stdout.print(`${JSON.stringify(body)}\n`);
      else if (body.healthy) io.stdout.print("healthy\n");
      else io.stderr.print(body.reasons.map((reason) => `${reason}\n`).join(""));
      return body.healthy ? EXIT.ok : EXIT.notReached;
    });
  },
});
