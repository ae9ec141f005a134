import { ConnectionLost } from "../../../../services/reactor/errors.ts";
import { listenStdio } from "../../../../services/reactor/raw/stdio_conn.ts";
import { assertEquals, assertRejects } from "../../../assert.ts";

function spawn(): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("fixtures/stdio_shout.ts", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("listenStdio() makes one connection of standard input and output", async () => {
  const child = spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("hello"));
  await writer.close();
  const { success, stdout } = await child.output();
  assertEquals([success, new TextDecoder().decode(stdout)], [true, "HELLO"]);
});

Deno.test("StdioRawConn.close() ends a read under way", async () => {
  const child = spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("enough."));
  // Standard input stays open meanwhile.
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  assertEquals([stdout, stderr], ["ENOUGH.", "Connection is closed\n"]);
  assertEquals((await child.status).success, true);
  await writer.close().catch(() => {});
});

Deno.test("listenStdio() accepts once; closing it ends the second accept()", async () => {
  const closed: string[] = [];
  const listener = listenStdio({
    stdin: { read: () => Promise.resolve(null), close: () => closed.push("stdin") },
    stdout: { write: ({ length }) => Promise.resolve(length), close: () => closed.push("stdout") },
  });
  const conn = await listener.accept();
  assertEquals(conn.peer, { transport: "stdio" });
  const second = assertRejects(() => listener.accept(), ConnectionLost);
  listener.close();
  await second;
  assertEquals(await conn.read(new Uint8Array(1)), null);
  await conn.closeWrite();
  await assertRejects(() => conn.write(new Uint8Array(1)), ConnectionLost);
  conn.close();
  conn.close();
  assertEquals(closed, ["stdout", "stdin"]);
});
