/**
 * Reads all that a client sends, and answers with its SHA-256: a connection as streams, where a protocol would
 * have callbacks. Run it with
 *
 *     deno run --allow-net examples/streams/server.ts [ENDPOINT]
 *
 * then: `printf hello | nc -N 127.0.0.1 7010`. ENDPOINT is where it listens, by default `tcp:127.0.0.1:7010`.
 */
import { type Connection, DenoReactor, formatAddress } from "@heddle/heddle";
import { createHash } from "node:crypto";

async function answerDigest(connection: Connection): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of connection) hash.update(chunk);
  await connection.write(new TextEncoder().encode(`${hash.digest("hex")}\n`));
}

const reactor = new DenoReactor({ log: console });
const port = await reactor.serve(Deno.args[0] ?? "tcp:127.0.0.1:7010", answerDigest);
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
