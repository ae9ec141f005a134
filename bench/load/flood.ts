// Floods a server, and prints what that cost it over a window:
// `flood.ts PID PORT CONNECTIONS SIZE WARM-UP-MS WINDOW-MS [datagram | request | websocket]`
import { cpuSeconds } from "../harness/process_usage.ts";
import { get, replySize } from "./_http_request.ts";
import { frameOf, handshake } from "./_websocket_frames.ts";
import { EchoClients, type Messages } from "./echo_clients.ts";

/** What `flood.ts` prints, as JSON. */
export interface FloodOutcome {
  readonly messages: number;
  readonly seconds: number;
  /** CPU time of the server. */
  readonly serverCpu: number;
  /** CPU time of the generator: near `seconds`, it was what held things up. */
  readonly ownCpu: number;
}

/** A server has compiled what is hot when it has worked for so long, s of CPU time. */
const WARM = 0.7;
/** Turns of warming up until it has, at most: on a busy machine it takes longer. */
const MOST_WARM_UPS = 4;

if (import.meta.main) {
  const [pid, port, connections, size, warmUp, window] = Deno.args.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const clients = new EchoClients(port, await messages(port, size, Deno.args[6]));
  for (let i = 0; i < connections; i++) clients.connect();
  for (let i = 0; i < connections; i++) clients.send(i);
  const warm = cpuSeconds(pid) + WARM;
  for (let turn = 0; turn < MOST_WARM_UPS && cpuSeconds(pid) < warm; turn++) clients.run(warmUp);
  const before = snapshot(pid, clients);
  clients.run(window);
  const after = snapshot(pid, clients);
  const outcome: FloodOutcome = {
    messages: after.messages - before.messages,
    seconds: (after.now - before.now) / 1000,
    serverCpu: after.serverCpu - before.serverCpu,
    ownCpu: after.ownCpu - before.ownCpu,
  };
  console.log(JSON.stringify(outcome));
}

/** What is sent and comes back: `size` bytes as they are, or a request, or a WebSocket message of that size. */
async function messages(port: number, size: number, kind: string | undefined): Promise<Messages> {
  switch (kind) {
    case "request":
      return { size: get.length, message: get, reply: await replySize(port) };
    case "websocket": {
      const message = frameOf(size, { masked: true });
      const reply = frameOf(size, { masked: false }).length;
      return { size: message.length, message, reply, greeting: handshake };
    }
    default:
      return { size, datagram: kind === "datagram" };
  }
}

function snapshot(pid: number, { messages }: EchoClients) {
  return { messages, now: performance.now(), serverCpu: cpuSeconds(pid), ownCpu: cpuSeconds(Deno.pid) };
}
