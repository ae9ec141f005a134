import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointsOf, runExample } from "./_example.ts";

Deno.test("examples/in_code greets, and stops in order", async () => {
  await using server = await runExample("in_code/main.ts", "tcp:127.0.0.1:0");
  const [endpoint] = await endpointsOf(server, "greeter");
  using conn = await TextConn.connect(endpoint!);
  await conn.send("Ada\n");
  assertEquals(await conn.line(), "Hello, Ada");
  await server.record(({ message }) => message === "Application ready");
  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
  const stops = server.stderr.lines.map((line) => JSON.parse(line))
    .filter(({ message }) => message === "Stopped").map(({ service }) => service);
  assertEquals(stops.at(-1), "visits", "what the others need stops last");
});
