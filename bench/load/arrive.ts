// Floods an echo server, lets newcomers arrive all at once beside that, and prints as JSON how long it took until
// each of them had its first echo, ms, arrival by arrival: `arrive.ts PORT FLOODING NEWCOMERS ARRIVALS`
import { EchoClients } from "./echo_clients.ts";

const SIZE = 64;
/** Before the first arrival, and between two of them, ms. */
const WARM_UP = 1_500;
const PAUSE = 300;
/** Newcomers are given up after so long, ms. */
const PATIENCE = 15_000;

const [port, flooding, newcomers, arrivals] = Deno.args.map(Number) as [number, number, number, number];
const clients = new EchoClients(port, { size: SIZE });
for (let i = 0; i < flooding; i++) clients.connect();
for (let i = 0; i < flooding; i++) clients.send(i);
clients.run(WARM_UP);
const times: number[] = [];
for (let i = 0; i < arrivals; i++) {
  times.push(arrival());
  clients.run(PAUSE);
}
console.log(JSON.stringify(times));

/** How long it takes until all newcomers have been served. */
function arrival(): number {
  const begin = performance.now();
  const ids = Array.from({ length: newcomers }, () => clients.connect({ background: true }));
  for (const id of ids) clients.send(id, 1);
  const isServed = (id: number): boolean => clients.left(id) === 0;
  clients.run(PATIENCE, () => ids.every(isServed));
  if (!ids.every(isServed)) throw new Error(`Newcomers were not served within ${PATIENCE} ms`);
  for (const id of ids) clients.close(id);
  return performance.now() - begin;
}
