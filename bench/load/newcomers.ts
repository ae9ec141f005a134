// Connects so many clients at once, sends a message on each, and prints the milliseconds until all have had it
// back, as JSON: `newcomers.ts PORT CONNECTIONS TIMES`
const [port, connections, times] = Deno.args.map(Number) as [number, number, number];
/** Between two times, so that the flood beside it is back in its stride. */
const PAUSE = 200;
const message = new Uint8Array(64);

async function client(): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(64);
  await conn.write(message);
  for (let got = 0; got < message.length;) got += await conn.read(buffer) ?? Infinity;
  conn.close();
}

const took: number[] = [];
for (let time = 0; time < times; time++) {
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  const begin = performance.now();
  await Promise.all(Array.from({ length: connections }, client));
  took.push(performance.now() - begin);
}
console.log(JSON.stringify(took));
