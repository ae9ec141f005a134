// Opens connections that send a head byte by byte, and prints how long each lived, ms: `_drip.ts PORT COUNT`
const [port, count] = Deno.args.map(Number) as [number, number];
const head = new TextEncoder().encode(`GET /${"a".repeat(10_000)} HTTP/1.1\r\nHost: example.org\r\n\r\n`);
const PAUSE = 100;
/** A server that lets them live is not waited for, ms. */
const PATIENCE = 10_000;

async function drip(): Promise<number> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const since = performance.now();
  let at = 0;
  const timer = setInterval(() => {
    conn.write(head.subarray(at, ++at)).catch(() => clearInterval(timer));
  }, PAUSE);
  const patience = setTimeout(() => conn.close(), PATIENCE);
  const buffer = new Uint8Array(1_000);
  try {
    while (await conn.read(buffer) !== null);
  } catch {
    // Reset is closed, too.
  }
  clearInterval(timer);
  clearTimeout(patience);
  try {
    conn.close();
  } catch {
    // It is already.
  }
  return performance.now() - since;
}

console.log("ready");
const lives = await Promise.all(Array.from({ length: count }, drip));
console.log(JSON.stringify(lives));
Deno.exit();
