// Floods an SMTP server, and prints what that cost it over a window:
// `smtp.ts PID PORT CONNECTIONS SIZE WARM-UP-MS WINDOW-MS kept | single`
import { cpuSeconds, residentBytes } from "../harness/process_usage.ts";
import type { FloodOutcome } from "./flood.ts";
import { SmtpClients } from "./smtp_clients.ts";

/** What `smtp.ts` prints, as JSON. */
export interface SmtpOutcome extends FloodOutcome {
  /** The most memory of the server that was seen, bytes. */
  readonly memory: number;
}

/** How often the memory is looked at, ms. */
const LOOK = 50;

if (import.meta.main) {
  const [pid, port, connections, size, warmUp, window] = Deno.args.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const clients = new SmtpClients(port, { size, kept: Deno.args[6] === "kept" });
  for (let i = 0; i < connections; i++) clients.connect();
  clients.run(warmUp);
  const snapshot = () => ({
    messages: clients.messages,
    now: performance.now(),
    serverCpu: cpuSeconds(pid),
    ownCpu: cpuSeconds(Deno.pid),
  });
  const before = snapshot();
  let memory = 0;
  for (let left = window; left > 0; left -= LOOK) {
    clients.run(LOOK);
    memory = Math.max(memory, residentBytes(pid));
  }
  const after = snapshot();
  const outcome: SmtpOutcome = {
    messages: after.messages - before.messages,
    seconds: (after.now - before.now) / 1000,
    serverCpu: after.serverCpu - before.serverCpu,
    ownCpu: after.ownCpu - before.ownCpu,
    memory,
  };
  console.log(JSON.stringify(outcome));
}
