import { didYouMean } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import type { StatusReply, UnitInfo } from "../control/api.ts";
import { colourOn } from "./colour.ts";
import { type Command, defineCommand } from "./command.ts";
import { CONTROL_EXIT, CONTROL_FLAGS, withRunner } from "./control_flags.ts";
import { EXIT } from "./exit_status.ts";
import { textTable } from "./text_table.ts";
import { applicationLine, painter, unitCells, unitHead } from "./unit_rows.ts";
import { UsageError } from "./usage_error.ts";

/** `heddle status` */
export const command: Command = defineCommand({
  verb: "status",
  summary: "show how a running application and its services are doing",
  usage: "[SERVICE...]",
  operands: { name: "service", min: 0, max: Infinity },
  flags: CONTROL_FLAGS,
  details: `\
Shows services and groups; of a group that is named, what is in it.

Exit status: 0 shown, whatever there is to be seen ("heddle health" judges); ${CONTROL_EXIT}.`,
  async run({ flags, operands }, io) {
    return await withRunner(flags, io, async (client) => {
      const { body: { application, units } } = await client.ask<StatusReply>("GET", "/v1/status");
      const shown = chosen(units, operands);
      if (flags.json) {
        io.stdout.print(`${JSON.stringify({ application, units: shown }, null, 2)}\n`);
        return EXIT.ok;
      }
      const paint = painter(colourOn(io.stdout, io));
      const rows = shown.filter(({ path }) => path !== "").map((unit) =>
        unitCells(unit, application.now, paint)
      );
      io.stdout.print(applicationLine(application, paint) + textTable([unitHead(paint), ...rows]));
      return EXIT.ok;
    });
  },
});

/** The units that `names` name, with what is in them; without names all. */
function chosen(units: readonly UnitInfo[], names: readonly string[]): readonly UnitInfo[] {
  if (names.length === 0) return units;
  for (const name of names) {
    if (units.some(({ path }) => path === name)) continue;
    const hint = didYouMean(name, units.map(({ path }) => path));
    throw new UsageError(`There is no service or group ${quote(name)}${hint}`);
  }
  return units.filter(({ path }) => names.some((name) => path === name || path.startsWith(`${name}.`)));
}
