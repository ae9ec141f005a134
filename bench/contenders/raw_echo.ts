// TCP echo by hand: what one writes who knows Deno and has no framework.
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 4096 });
console.log(`ready ${listener.addr.port}`);

async function echo(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(64 * 1024);
  try {
    while (true) {
      const size = await conn.read(buffer);
      if (size === null) break;
      let sent = 0;
      while (sent < size) sent += await conn.write(buffer.subarray(sent, size));
    }
  } catch {
    // The peer is gone.
  }
  conn.close();
}

for await (const conn of listener) void echo(conn);
