import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointOf, runExample } from "./_example.ts";

Deno.test("examples/limits serves two connections of one peer, and logs their traffic", async () => {
  await using server = await runExample("limits/server.ts", "tcp:127.0.0.1:0");
  const endpoint = await endpointOf(server);
  using one = await TextConn.connect(endpoint);
  using two = await TextConn.connect(endpoint);
  for (const conn of [one, two]) {
    await conn.send("hello\n");
    assertEquals(await conn.line(), "hello");
  }
  using three = await TextConn.connect(endpoint);
  assertEquals(await three.rest(), "");
  await server.stdout.line((line) => line === "  connection: 2,");
});
