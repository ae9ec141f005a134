/** A line to say what went wrong, out of what a process wrote to its standard error. */
function lastWords(stderr: string): string {
  return stderr.trim().split("\n").slice(-5).join("\n");
}

/**
 * Run a command to its end.
 * @param within milliseconds after which it is killed
 * @returns its standard output
 * @throws {Error} when it fails or takes too long, with the end of its standard error
 */
export async function runProcess(command: readonly string[], within: number): Promise<string> {
  const [program, ...args] = command;
  const late = AbortSignal.timeout(within);
  const { success, stdout, stderr } = await new Deno.Command(program!, {
    args,
    signal: late,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  const why = late.aborted ? `it took more than ${within} ms` : lastWords(new TextDecoder().decode(stderr));
  throw new Error(`Cannot run "${command.join(" ")}": ${why}`);
}

/** The command line that runs a TypeScript file of this folder's parent, `bench/`. */
export function denoCommand(file: string, ...args: readonly (string | number)[]): string[] {
  return [Deno.execPath(), "run", "--allow-all", benchFile(file), ...args.map(String)];
}

/** The path of a file in `bench/`. */
export function benchFile(file: string): string {
  return new URL(`../${file}`, import.meta.url).pathname;
}
