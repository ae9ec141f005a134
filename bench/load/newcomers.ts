// Floods an echo server, lets newcomers arrive all at once beside that, and prints as JSON how long each arrival
// took, until each newcomer had its first echo: `newcomers.ts PORT FLOODING SIZE NEWCOMERS TIMES`
import { EchoClients } from "./echo_clients.ts";
import { Flooders } from "./flooders.ts";

/** What `newcomers.ts` prints, as JSON. */
export interface NewcomersOutcome {
  /** Per arrival, ms. */
  readonly times: readonly number[];
  /** What the flooders had back per second over the whole time, newcomers and all, bytes. */
  readonly flood: number;
}

/** Of a newcomer's message, bytes. */
const SIZE = 64;
/** Before the first arrival, ms. */
const WARM_UP = 1_500;
/** Between two arrivals, ms. */
const PAUSE = 300;
/** Newcomers are given up after so long, ms; it then counts as their time. */
export const PATIENCE = 3_000;

if (import.meta.main) {
  const [port, flooding, size, newcomers, arrivals] = Deno.args.map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const flooders = new Flooders(port, flooding, size);
  const clients = new EchoClients(port, { size: SIZE });
  flood(flooders, WARM_UP);
  const begin = performance.now();
  const before = flooders.received;
  const times: number[] = [];
  for (let i = 0; i < arrivals; i++) {
    times.push(arrival(flooders, clients, newcomers));
    flood(flooders, PAUSE);
  }
  const seconds = (performance.now() - begin) / 1000;
  const outcome: NewcomersOutcome = { times, flood: (flooders.received - before) / seconds };
  console.log(JSON.stringify(outcome));
}

function flood(flooders: Flooders, ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) flooders.turn();
}

/** How long it takes until all newcomers have been served, or are given up. */
function arrival(flooders: Flooders, clients: EchoClients, newcomers: number): number {
  const begin = performance.now();
  const ids = Array.from({ length: newcomers }, () => clients.connect({ background: true }));
  for (const id of ids) clients.send(id, 1);
  while (ids.some((id) => clients.left(id) > 0)) {
    if (performance.now() - begin > PATIENCE) break;
    flooders.turn();
    clients.turn();
  }
  const took = Math.min(performance.now() - begin, PATIENCE);
  for (const id of ids) clients.close(id);
  return took;
}
