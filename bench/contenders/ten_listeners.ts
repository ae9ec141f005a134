// Ten echo listeners by hand, in one script without any library: what the start of ten services is held against.
async function echo(conn: Deno.TcpConn): Promise<void> {
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

async function serve(listener: Deno.TcpListener): Promise<void> {
  for await (const conn of listener) void echo(conn);
}

for (let i = 0; i < 10; i++) void serve(Deno.listen({ hostname: "127.0.0.1", port: 0 }));
console.log("ready");
