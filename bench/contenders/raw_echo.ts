// TCP echo by hand: what one writes who knows Deno and has no framework. With `copy`, each chunk is copied, as
// it must be where it may be kept.
const copy = Deno.args[0] === "copy";
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 4096 });
console.log(`ready ${listener.addr.port}`);

async function echo(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(64 * 1024);
  try {
    while (true) {
      const size = await conn.read(buffer);
      if (size === null) break;
      const chunk = copy ? buffer.slice(0, size) : buffer.subarray(0, size);
      let sent = 0;
      while (sent < size) sent += await conn.write(chunk.subarray(sent));
    }
  } catch {
    // The peer is gone.
  }
  conn.close();
}

for await (const conn of listener) void echo(conn);
