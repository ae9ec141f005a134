import config from "../../deno.json" with { type: "json" };
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";

/** Heddle's own version. */
export const VERSION: string = config.version;

/** What `heddle version` prints. */
export function versionText(): string {
  const { deno, v8, typescript } = Deno.version;
  return `heddle ${VERSION}\ndeno ${deno} (v8 ${v8}, typescript ${typescript}, ${Deno.build.target})\n`;
}

/** `heddle version` */
export const command: Command = defineCommand({
  verb: "version",
  summary: "print the versions of Heddle and Deno",
  usage: "",
  operands: { name: "nothing", min: 0, max: 0 },
  flags: {},
  run(_line, io) {
    io.stdout.print(versionText());
    return EXIT.ok;
  },
});
