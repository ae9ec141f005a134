import type { GroupSpec } from "../../services/application_spec.ts";
import { ApplicationFileError, NoSuchFileError } from "../app/errors.ts";
import type { IsolationNote } from "../app/isolation.ts";
import { loadApplication } from "../app/load_application.ts";
import type { Problem } from "../app/problem.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { printProblems } from "./file_errors.ts";
import type { CommandIO } from "./io.ts";

/** `heddle check` */
export const command: Command = defineCommand({
  verb: "check",
  summary: "find every mistake in application files",
  usage: "APP.yaml...",
  operands: { name: "application file", min: 1, max: Infinity },
  flags: {
    json: { kind: "boolean", help: "print the findings as JSON, for programs" },
  },
  details: `\
Reads each file and all that it includes, loads the plugins that they name, checks their options and what
services need of one another. Starts nothing and opens no socket.

Exit status: 0 nothing is wrong, 66 no such file, 78 something is wrong.`,
  async run({ flags, operands }, io) {
    const findings: Finding[] = [];
    for (const file of operands) findings.push(await examine(file, io));
    if (flags.json) io.stdout.print(`${JSON.stringify(findings, null, 2)}\n`);
    else for (const finding of findings) printFinding(finding, io);
    return statusOf(findings);
  },
});

/** What came of checking one file. */
interface Finding {
  readonly file: string;
  readonly ok: boolean;
  /** False: there is no such file. */
  readonly exists: boolean;
  readonly problems: readonly Problem[];
  /** What a good file declares. */
  readonly declares?: Declared;
  /** What services in processes of their own may do, and what of their settings is in vain or dangerous. */
  readonly isolation?: readonly IsolationNote[];
}

interface Declared {
  readonly services: number;
  readonly groups: number;
  /** Files that were read, the included ones too. */
  readonly files: number;
}

async function examine(file: string, io: CommandIO): Promise<Finding> {
  try {
    const { spec, files, isolation } = await loadApplication(file, { env: { get: io.env } });
    return {
      file,
      ok: true,
      exists: true,
      problems: [],
      declares: { ...count(spec.root), files: files.length },
      ...(isolation.length > 0 && { isolation }),
    };
  } catch (error) {
    if (error instanceof ApplicationFileError) {
      return { file, ok: false, exists: true, problems: error.problems };
    }
    if (!(error instanceof NoSuchFileError)) throw error;
    return { file, ok: false, exists: false, problems: [{ file, path: "", message: error.message }] };
  }
}

function count(root: GroupSpec): Omit<Declared, "files"> {
  const groups = [root];
  let services = 0;
  for (const group of groups) {
    for (const child of group.children) {
      if (child.kind === "group") groups.push(child);
      else services += 1;
    }
  }
  return { services, groups: groups.length - 1 };
}

function printFinding({ file, exists, problems, declares, isolation = [] }: Finding, io: CommandIO): void {
  if (declares !== undefined) {
    io.stdout.print(`${file}: OK (${describe(declares)})\n`);
    for (const note of isolation) io.stdout.print(describeNote(note));
  } else if (!exists) {
    io.stderr.print(problems.map(({ message }) => `${message}\n`).join(""));
  } else {
    printProblems(file, problems, io);
  }
}

function describeNote({ path, grant, warnings }: IsolationNote): string {
  const lines = [
    ...(grant === undefined ? [] : [`${path}: its process may use: ${grant}`]),
    ...warnings.map((warning) => `${path}: warning: ${warning}`),
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}

function describe({ services, groups, files }: Declared): string {
  return [
    plural(services, "service"),
    ...(groups === 0 ? [] : [plural(groups, "group")]),
    ...(files === 1 ? [] : [plural(files, "file")]),
  ].join(", ");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function statusOf(findings: readonly Finding[]): number {
  if (findings.some(({ ok, exists }) => exists && !ok)) return EXIT.config;
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.noInput;
}
