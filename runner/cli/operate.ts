import type { OutcomeReply } from "../control/api.ts";
import { type Command, defineCommand } from "./command.ts";
import { CONTROL_EXIT, CONTROL_FLAGS, withRunner } from "./control_flags.ts";
import { EXIT } from "./exit_status.ts";

/** What an operator does to services, in words. */
export interface Operation {
  readonly verb: "start" | "stop" | "restart";
  readonly summary: string;
  readonly details: string;
}

/** The verb that does `operation` to services, one after the other, and says what came of each. */
export function operationCommand({ verb, summary, details }: Operation): Command {
  return defineCommand({
    verb,
    summary,
    usage: "SERVICE...",
    operands: { name: "service or group", min: 1, max: Infinity },
    flags: CONTROL_FLAGS,
    details: `${details}

Exit status: 0 it is so; 1 it is not, and why is printed; ${CONTROL_EXIT}.`,
    async run({ flags, operands }, io) {
      return await withRunner(flags, io, async (client) => {
        const replies: OutcomeReply[] = [];
        for (const unit of operands) {
          const path = `/v1/${verb}?${new URLSearchParams({ unit })}`;
          const { body } = await client.ask<OutcomeReply>("POST", path);
          replies.push(body);
          if (!flags.json) (body.ok ? io.stdout : io.stderr).print(outcomeLine(body));
        }
        if (flags.json) io.stdout.print(`${JSON.stringify(replies, null, 2)}\n`);
        return replies.every(({ ok }) => ok) ? EXIT.ok : EXIT.notReached;
      });
    },
  });
}

/** `web: ready`, `web: backoff: Cannot listen on ...` */
function outcomeLine({ outcome: { path, state, reason } }: OutcomeReply): string {
  return `${[path, state, ...(reason === undefined ? [] : [reason])].join(": ")}\n`;
}
