import { type Contender, startContender } from "./contender.ts";
import { cpuSeconds } from "./process_usage.ts";
import { benchFile, runProcess } from "./run_process.ts";

/** A server has compiled what is hot when it has worked for so long, s of CPU time. */
const WARM = 0.7;
/** Seconds of load until it has, at most: on a busy machine it takes longer. */
const LONGEST_WARM_UP = 4;

/** What is asked for, over and over: by `wrk`, or by `h2load` where there are streams. */
export interface HttpLoad {
  readonly connections: number;
  /** Requests at once on each connection, by HTTP/2. */
  readonly streams?: number;
  /** Default `/`. */
  readonly path?: string;
  /** Of `load/wrk/`, by name, and its arguments; default a plain GET. */
  readonly script?: "browser" | "pipelined" | "post";
  readonly args?: readonly (string | number)[];
}

/** What a server did meanwhile. */
export interface HttpOutcome {
  readonly requests: number;
  readonly seconds: number;
  /** CPU time of the server, s. */
  readonly serverCpu: number;
}

/**
 * Start a contender, load it for `seconds` (whole ones), and end it.
 * @throws {Error} when a request fails
 */
export async function loadHttp(contender: Contender, load: HttpLoad, seconds: number): Promise<HttpOutcome> {
  await using server = await startContender(contender);
  const warm = cpuSeconds(server.pid) + WARM;
  for (let second = 0; second < LONGEST_WARM_UP && cpuSeconds(server.pid) < warm; second++) {
    await generate(server.port, load, 1);
  }
  const before = cpuSeconds(server.pid);
  const { requests, seconds: taken, errors } = await generate(server.port, load, seconds);
  if (requests === 0 || errors > 0) {
    throw new Error(`Cannot measure ${contender.name}: ${errors} of ${requests} requests failed`);
  }
  return { requests, seconds: taken, serverCpu: cpuSeconds(server.pid) - before };
}

/** What a generator tells. */
interface Generated {
  readonly requests: number;
  readonly seconds: number;
  readonly errors: number;
}

function generate(port: number, load: HttpLoad, seconds: number): Promise<Generated> {
  const { streams } = load;
  return streams === undefined ? wrk(port, load, seconds) : h2load(port, { ...load, streams }, seconds);
}

async function h2load(
  port: number,
  { connections, streams, path = "/" }: HttpLoad & { readonly streams: number },
  seconds: number,
): Promise<Generated> {
  const output = await runProcess([
    "h2load",
    `--duration=${seconds}`,
    `--clients=${connections}`,
    `--max-concurrent-streams=${streams}`,
    `http://127.0.0.1:${port}${path}`,
  ], seconds * 1000 + 20_000);
  const [, requests, failed, errored] =
    /^requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored/m.exec(output) ?? [];
  return { requests: Number(requests), seconds, errors: Number(failed) + Number(errored) };
}

async function wrk(port: number, load: HttpLoad, seconds: number): Promise<Generated> {
  const { connections, path = "/", script = "report", args = [] } = load;
  const output = await runProcess(
    [
      "env",
      `WRK_REPORT=${benchFile("load/wrk/report.lua")}`,
      "wrk",
      "--threads=1",
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      `--script=${benchFile(`load/wrk/${script}.lua`)}`,
      `http://127.0.0.1:${port}${path}`,
      ...(args.length > 0 ? ["--", ...args.map(String)] : []),
    ],
    seconds * 1000 + 20_000,
  );
  return JSON.parse(output.slice(output.lastIndexOf("\n{") + 1));
}

/** Of the server, us. */
export function cpuPerRequest({ serverCpu, requests }: HttpOutcome): number {
  return serverCpu * 1e6 / requests;
}

/** Requests per second. */
export function requestRate({ requests, seconds }: HttpOutcome): number {
  return requests / seconds;
}
