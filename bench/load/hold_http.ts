// Holds connections to a server that have each had a reply, and prints what they cost it in memory:
// `hold_http.ts PID PORT CONNECTIONS`
import { residentBytes } from "../harness/process_usage.ts";
import { get, replySize } from "./_http_request.ts";
import { EchoClients } from "./echo_clients.ts";

/** What `hold_http.ts` prints, as JSON: memory of the server, bytes. */
export interface HoldHttpOutcome {
  readonly before: number;
  readonly idle: number;
}

/** A server may tidy up for so long before its memory is read, ms. */
const SETTLE = 2_500;
/** Requests under way at once. */
const TOGETHER = 100;

if (import.meta.main) {
  const [pid, port, connections] = Deno.args.map(Number) as [number, number, number];
  // One request comes first, so that what is loaded with it is not counted.
  const reply = await replySize(port);
  const clients = new EchoClients(port, { size: get.length, message: get, reply });
  const before = residentBytes(pid);
  for (let first = 0; first < connections; first += TOGETHER) {
    const ids = Array.from({ length: Math.min(TOGETHER, connections - first) }, () => clients.connect());
    for (const id of ids) clients.send(id, 1);
    clients.run(10_000, () => ids.every((id) => clients.left(id) === 0));
    if (ids.some((id) => clients.left(id) > 0)) throw new Error("A reply did not come within 10 s");
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE));
  const outcome: HoldHttpOutcome = { before, idle: residentBytes(pid) };
  console.log(JSON.stringify(outcome));
}
