import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointOf, runExample } from "./_example.ts";

Deno.test("examples/streams answers when the client has said everything", async () => {
  await using server = await runExample("streams/server.ts", "tcp:127.0.0.1:0");
  using conn = await TextConn.connect(await endpointOf(server));
  await conn.send("hello");
  await conn.end();
  assertEquals(
    await conn.rest(),
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n",
  );
});
