// Holds connections to an echo server, and prints what they cost it in memory: `hold.ts PID PORT CONNECTIONS BURST`
import { residentBytes } from "../harness/process_usage.ts";
import { EchoClients } from "./echo_clients.ts";

/** What `hold.ts` prints, as JSON: memory of the server, bytes. */
export interface HoldOutcome {
  readonly before: number;
  /** With all connections open and silent. */
  readonly idle: number;
  /** When each has sent one burst, and had it back. */
  readonly afterBurst: number;
}

/** A server may tidy up for so long before its memory is read, ms. */
const SETTLE = 3_000;
/** Bursts under way at once. */
const TOGETHER = 50;

if (import.meta.main) {
  const [pid, port, connections, burst] = Deno.args.map(Number) as [number, number, number, number];
  const clients = new EchoClients(port, { size: burst });
  await touch(clients);
  const before = await settled(pid);
  for (let i = 0; i < connections; i++) clients.connect();
  const idle = await settled(pid);
  sendAll(clients, connections);
  const outcome: HoldOutcome = { before, idle, afterBurst: await settled(pid) };
  console.log(JSON.stringify(outcome));
}

/** One connection comes and goes first, so that what is loaded with the first one is not counted. */
async function touch(clients: EchoClients): Promise<void> {
  const id = clients.connect();
  clients.send(id, 1);
  clients.run(2_000, () => clients.left(id) === 0);
  await pause(100);
}

/** Every client but that which came first sends one burst. */
function sendAll(clients: EchoClients, connections: number): void {
  for (let first = 1; first <= connections; first += TOGETHER) {
    const ids = Array.from({ length: Math.min(TOGETHER, connections + 1 - first) }, (_, i) => first + i);
    for (const id of ids) clients.send(id, 1);
    clients.run(5_000, () => ids.every((id) => clients.left(id) === 0));
    if (ids.some((id) => clients.left(id) > 0)) throw new Error("A burst did not come back within 5 s");
  }
}

async function settled(pid: number): Promise<number> {
  await pause(SETTLE);
  return residentBytes(pid);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
