import { assertEquals, assertMatch } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointsOf, serveExample } from "./_example.ts";

Deno.test("examples/sandbox reads what it was granted, and is refused the rest", async () => {
  await using server = serveExample("sandbox/app.yaml", { PORT: "0" });
  const [endpoint] = await endpointsOf(server, "curious");
  const refused = await server.record(({ message }) => message === "Cannot read /etc/passwd");
  assertMatch(
    (refused.error as Error).message,
    /^Denied by its permissions: Requires read access to "\/etc\/passwd"/,
  );
  using conn = await TextConn.connect(endpoint!);
  await conn.send("examples/sandbox/welcome.txt\n");
  assertEquals(await conn.line(), "You may read this.");
  await conn.send("/etc/passwd\n");
  assertEquals(await conn.line(), "NotCapable: /etc/passwd");
});
