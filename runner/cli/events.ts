import type { SupervisorEvent } from "../../services/supervision/events.ts";
import { printable } from "../log/_printable.ts";
import { formatReloadStep } from "../supervisor/reload_plan.ts";
import { type Command, defineCommand } from "./command.ts";
import { CONTROL_EXIT, CONTROL_FLAGS, withRunner } from "./control_flags.ts";
import { EXIT } from "./exit_status.ts";
import { untilInterrupted } from "./interrupted.ts";

/** `heddle events` */
export const command: Command = defineCommand({
  verb: "events",
  summary: "show what happens in a running application, as it happens",
  usage: "",
  operands: { name: "nothing", min: 0, max: 0 },
  flags: CONTROL_FLAGS,
  details: `\
Every change of state, with its reason, until the application ends or you interrupt. With --json, one object a line.

Exit status: 0 it ended; ${CONTROL_EXIT}.`,
  async run({ flags }, io) {
    return await withRunner(flags, io, async (client) => {
      await untilInterrupted(async (signal) => {
        for await (const event of client.lines<SupervisorEvent | { lost: number }>("/v1/events", signal)) {
          io.stdout.print(`${flags.json ? JSON.stringify(event) : eventLine(event)}\n`);
        }
      });
      return EXIT.ok;
    });
  },
});

/** An event on one line. */
export function eventLine(event: SupervisorEvent | { readonly lost: number }): string {
  if ("lost" in event) return `(${event.lost} events were lost: they came too fast)`;
  switch (event.kind) {
    case "state": {
      const { at, path, from, to, reason } = event;
      const why = reason === undefined ? "" : `: ${reason}`;
      return printable(`${timeOfDay(at)} ${path === "" ? "(all)" : path} ${from} -> ${to}${why}`);
    }
    case "leftovers":
      return printable(`${event.path} did not stop in time: ${event.leftovers.join(", ")}`);
    case "ready":
      return `${timeOfDay(event.at)} application ready`;
    case "reloaded":
      return printable(
        `reloaded: ${
          event.report.results.map((step) => `${formatReloadStep(step)}: ${step.result}`).join(", ") ||
          "nothing changes"
        }`,
      );
    case "ended":
      return `ended with ${event.verdict.status}: ${printable(event.verdict.reason)}`;
  }
}

function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
