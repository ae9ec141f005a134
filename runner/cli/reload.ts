import type { FileProblem } from "../../services/control/file_problem.ts";
import type { ReloadResult } from "../../services/supervision/reload.ts";
import type { PlanReply, ReloadReply } from "../control/api.ts";
import type { ControlClient } from "../control/client.ts";
import { formatReloadPlan, formatReloadStep } from "../supervisor/reload_plan.ts";
import { renderProblems } from "../app/problem.ts";
import { colourOn } from "./colour.ts";
import { type Command, defineCommand } from "./command.ts";
import { CONTROL_EXIT, CONTROL_FLAGS, withRunner } from "./control_flags.ts";
import { EXIT } from "./exit_status.ts";
import type { CommandIO } from "./io.ts";

/** `heddle reload` */
export const command: Command = defineCommand({
  verb: "reload",
  summary: "have a running application read its file again, and do what has changed",
  usage: "",
  operands: { name: "nothing", min: 0, max: 0 },
  flags: {
    "dry-run": { kind: "boolean", help: "print what would be done, and do nothing" },
    ...CONTROL_FLAGS,
  },
  details: `\
All of the file is checked first; nothing changes when anything in it is wrong. Only what is different is touched: +
is added, - removed, ~ changed. A service that is replaced goes on until its successor is ready (overlap), or is
stopped first and runs again as it was when its successor does not become ready (exclusive). Sockets stay open.

Exit status: 0 done; 1 a step was not done, and why is printed; 78 the file is wrong; ${CONTROL_EXIT}.`,
  async run({ flags, operands: _ }, io) {
    return await withRunner(
      flags,
      io,
      (client) => flags["dry-run"] ? preview(client, flags.json, io) : reload(client, flags.json, io),
    );
  },
});

async function preview(client: ControlClient, json: boolean, io: CommandIO): Promise<number> {
  const { body } = await client.ask<PlanReply>("GET", "/v1/reload");
  if (json) io.stdout.print(`${JSON.stringify(body, null, 2)}\n`);
  else if (body.plan !== undefined) io.stdout.print(`${formatReloadPlan(body.plan)}\n`);
  else explain(body.problems ?? [], io);
  return body.ok ? EXIT.ok : EXIT.config;
}

async function reload(client: ControlClient, json: boolean, io: CommandIO): Promise<number> {
  const { body } = await client.ask<ReloadReply>("POST", "/v1/reload");
  if (json) io.stdout.print(`${JSON.stringify(body, null, 2)}\n`);
  else if (body.report !== undefined) printResults(body.report.results, io);
  else explain(body.problems ?? [], io);
  return body.ok ? EXIT.ok : body.report === undefined ? EXIT.config : EXIT.notReached;
}

function printResults(results: readonly ReloadResult[], io: CommandIO): void {
  if (results.length === 0) io.stdout.print("nothing changes\n");
  for (const step of results) {
    const { result, reason } = step;
    const outcome = reason === undefined || reason === "" ? result : `${result}: ${reason}`;
    (result === "done" ? io.stdout : io.stderr).print(`${formatReloadStep(step)}: ${outcome}\n`);
  }
}

function explain(problems: readonly FileProblem[], io: CommandIO): void {
  const located = problems.filter(({ file }) => file !== "");
  for (const { message } of problems.filter(({ file }) => file === "")) io.stderr.print(`${message}\n`);
  io.stderr.print(renderProblems(located, { color: colourOn(io.stderr, io) }));
  io.stderr.print("Nothing has changed\n");
}
