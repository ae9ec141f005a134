import type { FloodOutcome } from "../load/flood.ts";
import { type Contender, startContender } from "./contender.ts";
import { figure, spreadFigure } from "./report.ts";
import { denoCommand, runProcess } from "./run_process.ts";
import { ratioOf, spreadOf } from "./statistics.ts";

/** A turn of warming a server up, ms: as a rule one is enough. */
const WARM_UP = 1_000;

/** How a server is flooded. */
export interface Flood {
  readonly connections: number;
  /** Of each message, bytes. */
  readonly size: number;
  readonly seconds: number;
  /** What is sent: datagrams, GET requests (whose size is their own), WebSocket messages; default bytes over TCP. */
  readonly kind?: "datagram" | "request" | "websocket";
}

/** What each contender did in each round. */
export type Floods = ReadonlyMap<Contender, readonly FloodOutcome[]>;

/** Start a contender, flood it without ever sleeping, and end it. */
export async function flood(contender: Contender, how: Flood): Promise<FloodOutcome> {
  await using server = await startContender(contender);
  const { connections, size, kind } = how;
  const window = how.seconds * 1000;
  const command = denoCommand(
    "load/flood.ts",
    server.pid,
    server.port,
    connections,
    size,
    WARM_UP,
    window,
    ...(kind === undefined ? [] : [kind]),
  );
  return JSON.parse(await runProcess(command, 4 * WARM_UP + window + 20_000));
}

/** Of the server, us. */
export function cpuPerMessage({ serverCpu, messages }: FloodOutcome): number {
  return serverCpu * 1e6 / messages;
}

/** Messages per second. */
export function throughput({ messages, seconds }: FloodOutcome): number {
  return messages / seconds;
}

/** What the columns of {@linkcode floodRow} say. */
export const FLOOD_COLUMNS: readonly string[] = [
  "server",
  "CPU, us per message",
  "ratio to raw",
  "messages/s",
  "ratio to raw",
];

/** A contender's row, beside the raw loop's figures. */
export function floodRow(name: string, own: readonly FloodOutcome[], raw: readonly FloodOutcome[]): string[] {
  return [cpuPerMessage, throughput].reduce((row, of) => {
    const values = own.map(of);
    return [...row, spreadFigure(spreadOf(values)), figure(ratioOf(values, raw.map(of)).median)];
  }, [name]);
}
