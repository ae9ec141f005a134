import { assert, assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointOf, runExample } from "./_example.ts";

Deno.test("examples/port_forwarder: a conversation passes through, with its end", async () => {
  await using target = await runExample("streams/server.ts", "tcp:127.0.0.1:0");
  await using forwarder = await runExample(
    "port_forwarder/main.ts",
    await endpointOf(target),
    "tcp:127.0.0.1:0",
  );
  using conn = await TextConn.connect(await endpointOf(forwarder));
  await conn.send("hello");
  await conn.end(); // the answer comes after the end of the question
  assertEquals(
    await conn.rest(),
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n",
  );
});

Deno.test("examples/port_forwarder: a client whose target cannot be reached is closed", async () => {
  await using forwarder = await runExample("port_forwarder/main.ts", "tcp:127.0.0.1:1", "tcp:127.0.0.1:0");
  using conn = await TextConn.connect(await endpointOf(forwarder));
  assertEquals(await conn.rest(), "");
});

Deno.test("examples/port_forwarder: what nobody reads is not kept", async () => {
  using target = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = target.accept();
  await using forwarder = await runExample(
    "port_forwarder/main.ts",
    `tcp:127.0.0.1:${target.addr.port}`,
    "tcp:127.0.0.1:0",
  );
  const endpoint = await endpointOf(forwarder);
  using client = await Deno.connect({ hostname: "127.0.0.1", port: Number(endpoint.split(":").at(-1)) });
  using server = await accepting;

  const before = residentBytes(forwarder.pid);
  const flood = new Flood(client, 64 * MiB);
  await flood.stalled();
  assert(
    residentBytes(forwarder.pid) - before < 32 * MiB,
    "the forwarder keeps what its target does not read",
  );
  assertEquals(await drain(server, 64 * MiB), 64 * MiB);
  await flood.over;
});

const MiB = 1024 * 1024;

/** Sends zeros as fast as they are taken. */
class Flood {
  readonly over: Promise<void>;
  #sent = 0;

  constructor(conn: Deno.Conn, size: number) {
    this.over = this.#send(conn, size);
  }

  /** Resolves when nothing was taken for a while. */
  async stalled(): Promise<void> {
    for (let before = -1; this.#sent > before;) {
      before = this.#sent;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  async #send(conn: Deno.Conn, size: number): Promise<void> {
    const chunk = new Uint8Array(256 * 1024);
    while (this.#sent < size) this.#sent += await conn.write(chunk.subarray(0, size - this.#sent));
    await conn.closeWrite();
  }
}

/** Read to the end, but not much beyond `most`; how much came. */
async function drain(conn: Deno.Conn, most: number): Promise<number> {
  const buffer = new Uint8Array(256 * 1024);
  let received = 0;
  while (received <= most) {
    const size = await conn.read(buffer);
    if (size === null) break;
    received += size;
  }
  return received;
}

function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
