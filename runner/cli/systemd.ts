import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { GroupSpec } from "../../services/application_spec.ts";
import { formatEndpoint } from "../../services/endpoint/format.ts";
import { loadApplication } from "../app/load_application.ts";
import { activatedSockets } from "../systemd/activated_sockets.ts";
import { type ActivatedSocket, systemdUnits, type UnitFile } from "../systemd/units.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { reportFileError } from "./file_errors.ts";
import type { CommandIO } from "./io.ts";

/** What `deno task serve` grants, and the flag without which it would have to start itself again. */
const FLAGS = [
  "--no-prompt",
  "--unstable-net",
  ...["net", "read", "write", "env", "sys", "run"].map((name) => `--allow-${name}`),
];

/** `heddle systemd` */
export const command: Command = defineCommand({
  verb: "systemd",
  summary: "print units of systemd that run an application",
  usage: "APP.yaml",
  operands: { name: "application file", min: 1, max: 1 },
  flags: {
    sockets: { kind: "boolean", help: "a .socket for each TCP and UNIX endpoint, too: systemd opens them" },
    output: { kind: "string", placeholder: "FOLDER", help: "write the units there; default print them" },
  },
  details: `\
The service is of Type=notify: systemd knows when the application is ready, reloads and stops, and restarts one whose
loop is stuck. With --sockets the sockets are open before the application is, and stay so while it is restarted; the
application file then says systemd:name=... in the place of those endpoints, as is printed.

Exit status: 0 done; 66 no such file; 73 the units cannot be written; 78 a bad file.`,
  async run({ flags, operands: [file = ""] }, io) {
    try {
      const { spec } = await loadApplication(file, { env: { get: io.env } });
      const sockets = flags.sockets ? activatedSockets(spec) : [];
      const units = systemdUnits({
        application: spec.name,
        file: resolve(io.cwd, file),
        command: [Deno.execPath(), "run", ...FLAGS, mainModule()],
        sockets,
        stopTimeout: longestStop(spec.root),
      });
      return flags.output === undefined
        ? print(units, sockets, io)
        : write(units, sockets, resolve(io.cwd, flags.output), io);
    } catch (error) {
      return reportFileError(file, error, io);
    }
  },
});

function mainModule(): string {
  const module = new URL("./main.ts", import.meta.url).href;
  return module.startsWith("file:") ? fileURLToPath(module) : module;
}

/** Services stop one after the other at worst. */
function longestStop(group: GroupSpec): number {
  return group.children.reduce(
    (sum, child) => sum + (child.kind === "group" ? longestStop(child) : child.stopTimeout),
    0,
  );
}

function print(units: readonly UnitFile[], sockets: readonly ActivatedSocket[], io: CommandIO): number {
  io.stdout.print(units.map(({ name, text }) => `# /etc/systemd/system/${name}\n${text}`).join(""));
  io.stdout.print(advice(sockets).map((line) => `# ${line}\n`).join(""));
  return EXIT.ok;
}

function write(
  units: readonly UnitFile[],
  sockets: readonly ActivatedSocket[],
  folder: string,
  io: CommandIO,
): number {
  for (const { name, text } of units) {
    try {
      Deno.writeTextFileSync(`${folder}/${name}`, text);
    } catch (error) {
      io.stderr.print(
        `Cannot write "${folder}/${name}": ${error instanceof Error ? error.message : error}\n`,
      );
      return EXIT.cannotCreate;
    }
    io.stdout.print(`Wrote ${folder}/${name}\n`);
  }
  io.stdout.print(advice(sockets).map((line) => `${line}\n`).join(""));
  return EXIT.ok;
}

function advice(sockets: readonly ActivatedSocket[]): string[] {
  if (sockets.length === 0) return [];
  return [
    "The application file must name these sockets instead of opening them itself:",
    ...sockets.map(({ name, at, endpoint }) =>
      `  ${at}: systemd:name=${name}   # was ${formatEndpoint(endpoint)}`
    ),
  ];
}
