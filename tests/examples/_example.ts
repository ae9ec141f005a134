import { HeddleProcess } from "../support/heddle_process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/**
 * Run a program of examples/ with the permissions that its header tells, and `args`.
 * @param path within examples/
 */
export async function runExample(path: string, ...args: string[]): Promise<HeddleProcess> {
  const text = await Deno.readTextFile(`${ROOT}examples/${path}`);
  const flags = new RegExp(`deno run ((?:--\\S+ )+)examples/${RegExp.escape(path)}`).exec(text)?.[1];
  if (flags === undefined) throw new Error(`The header of examples/${path} does not say how to run it`);
  return new HeddleProcess(args, {
    cwd: ROOT,
    flags: ["--no-prompt", ...flags.trim().split(" ")],
    module: `examples/${path}`,
  });
}

/** Serve an application file of examples/, with these variables. */
export function serveExample(path: string, env: Readonly<Record<string, string>>): HeddleProcess {
  return new HeddleProcess(["serve", `examples/${path}`], { cwd: ROOT, env });
}

/** Wait until the program says where it listens: `tcp:127.0.0.1:43210`. */
export async function endpointOf(example: HeddleProcess): Promise<string> {
  const line = await example.stdout.line((line) => /^(Listening|Receiving) on /.test(line));
  return line.split(" ").at(-1)!;
}

/** Its port. */
export async function portOf(example: HeddleProcess): Promise<string> {
  return (await endpointOf(example)).split(":").at(-1)!;
}

/** Wait until a service of an application is ready; where it listens. */
export async function endpointsOf(application: HeddleProcess, service: string): Promise<string[]> {
  const record = await application.record((record) =>
    record.service === service && record.message === "Started"
  );
  return record.endpoints as string[];
}
