import type { LogEntry } from "../../services/control/log_entry.ts";
import { LOG_LEVELS } from "../../services/log.ts";
import type { ControlClient } from "../control/client.ts";
import { COLOURS, PLAIN, prettyFormatter } from "../log/pretty.ts";
import { colourOn } from "./colour.ts";
import { type Command, defineCommand } from "./command.ts";
import { CONTROL_EXIT, CONTROL_FLAGS, withRunner } from "./control_flags.ts";
import { EXIT } from "./exit_status.ts";
import { untilInterrupted } from "./interrupted.ts";
import type { CommandIO } from "./io.ts";
import { UsageError } from "./usage_error.ts";

/** How many are shown without `--lines`. */
const LINES = 100;

/** `heddle logs` */
export const command: Command = defineCommand({
  verb: "logs",
  summary: "show the latest log of a running application",
  usage: "[SERVICE]",
  operands: { name: "service or group", min: 0, max: 1 },
  flags: {
    follow: { kind: "boolean", short: "f", help: "go on with what comes, until it ends or you interrupt" },
    level: {
      kind: "string",
      placeholder: "LEVEL",
      choices: LOG_LEVELS,
      help: `this level or worse: ${LOG_LEVELS.join(", ")}; default all that is logged`,
    },
    lines: { kind: "string", placeholder: "N", short: "n", help: `the latest N records; default ${LINES}` },
    ...CONTROL_FLAGS,
  },
  details: `\
The runner keeps the latest 2,000 records, wherever else they go. SERVICE "heddle" is the runner itself.

Exit status: 0 shown; ${CONTROL_EXIT}.`,
  async run({ flags, operands: [service] }, io) {
    const query = new URLSearchParams({ limit: countOf(flags.lines) });
    if (flags.level !== undefined) query.set("level", flags.level);
    if (service !== undefined) query.set("service", service);
    const show = printer(flags.json, io);
    return await withRunner(flags, io, async (client) => {
      if (!flags.follow) {
        const { body } = await client.ask<{ records: LogEntry[] }>("GET", `/v1/logs?${query}`);
        io.stdout.print(body.records.map(show).join(""));
      } else await follow(client, query, (entry) => io.stdout.print(show(entry)), io);
      return EXIT.ok;
    });
  },
});

function countOf(lines: string | undefined): string {
  if (lines === undefined) return String(LINES);
  if (/^\d{1,9}$/.test(lines)) return lines;
  throw new UsageError(`Cannot use "${lines}" for "--lines": must be a number`);
}

async function follow(
  client: ControlClient,
  query: URLSearchParams,
  show: (entry: LogEntry) => void,
  io: CommandIO,
): Promise<void> {
  await untilInterrupted(async (signal) => {
    query.set("follow", "1");
    for await (const line of client.lines<LogEntry | { lost: number }>(`/v1/logs?${query}`, signal)) {
      if ("lost" in line) io.stderr.print(`${line.lost} records were lost: they came too fast\n`);
      else show(line);
    }
  });
}

function printer(json: boolean, io: CommandIO): (entry: LogEntry) => string {
  if (json) return (entry) => `${JSON.stringify(entry)}\n`;
  return prettyFormatter(colourOn(io.stdout, io) ? COLOURS : PLAIN);
}
