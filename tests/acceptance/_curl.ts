import { runProgram } from "../support/programs.ts";

/** What curl got. */
export interface Curled {
  readonly status: number;
  /** The head of the last reply, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Run curl; with `-i` before `args`. */
export async function curl(...args: string[]): Promise<Curled> {
  const { code, stdout, stderr } = await runProgram("curl", ["-sS", "-i", "--max-time", "20", ...args]);
  if (code !== 0) throw new Error(`curl ${args.join(" ")} failed (${code}): ${stderr}`);
  // Interim replies and redirects that were followed come before.
  let rest = stdout;
  let head = "";
  do {
    const end = rest.indexOf("\r\n\r\n");
    head = rest.slice(0, end);
    rest = rest.slice(end + 4);
  } while (/^HTTP\/1\.1 \d{3}/.test(rest));
  const [statusLine, ...lines] = head.split("\r\n");
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(statusLine!.split(" ")[1]), headers: new Map(fields), body: rest };
}
