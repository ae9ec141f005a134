import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointsOf, serveExample } from "./_example.ts";

Deno.test("examples/quote gives a quote to whoever connects", async () => {
  await using server = serveExample("quote/app.yaml", { PORT: "0" });
  const endpoints = await endpointsOf(server, "quote");
  assertEquals(endpoints.map((endpoint) => endpoint.split(":")[0]), ["tcp", "udp"]);
  using conn = await TextConn.connect(endpoints[0]!);
  assertEquals(await conn.rest(), "An apple a day keeps the doctor away\r\n");
});
