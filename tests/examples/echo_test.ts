import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointOf, runExample } from "./_example.ts";

Deno.test("examples/echo: the server sends back what it is sent", async () => {
  await using server = await runExample("echo/server.ts", "tcp:127.0.0.1:0");
  using conn = await TextConn.connect(await endpointOf(server));
  await conn.send("one\ntwo\n");
  assertEquals([await conn.line(), await conn.line()], ["one", "two"]);
});

Deno.test("examples/echo: the client sends a line, prints the answer, and ends", async () => {
  await using server = await runExample("echo/server.ts", "tcp:127.0.0.1:0");
  await using client = await runExample("echo/client.ts", await endpointOf(server));
  assertEquals(await client.ended(), 0);
  assertEquals(client.stdout.text, "The server said: Hello, world\nConnection was closed cleanly\n");
  assertEquals(client.stderr.text, "");
});
