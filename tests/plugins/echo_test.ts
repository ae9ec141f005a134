import echo from "../../plugins/echo/mod.ts";
import { startPlugin } from "../../services/testing/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

Deno.test("echo sends back every byte", async () => {
  await using app = await startPlugin(echo);
  assertEquals(app.endpoints, ["tcp:127.0.0.1:7007"]);
  const client = await app.connect();
  await client.send("hello\n");
  assertEquals(client.received(), "hello\n");
});

Deno.test("echo sends back a megabyte, in order", async () => {
  await using app = await startPlugin(echo, { listen: "tcp:7" });
  const client = await app.connect();
  const data = Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251);
  await client.send(data);
  assertEquals(client.receivedBytes(), data);
});

Deno.test("echo sends every datagram back to where it came from", async () => {
  await using app = await startPlugin(echo, { udp: "udp:7007" });
  const [one, other] = [await app.connectDatagram(), await app.connectDatagram()];
  await one.send("first");
  await other.send("second");
  assertEquals([one.received(), other.received()], [["first"], ["second"]]);
});

Deno.test("echo serves maxConnections at once, and the next when one of them is over", async () => {
  await using app = await startPlugin(echo, { maxConnections: 1 });
  const [first, second] = [await app.connect(), await app.connect()];
  await second.send("now?");
  assertEquals(second.received(), "");
  await first.close();
  assertEquals(second.received(), "now?");
});

Deno.test("echo closes a connection that says nothing for idleTimeout", async () => {
  await using app = await startPlugin(echo, { idleTimeout: "80s" });
  const [silent, lively] = [await app.connect(), await app.connect()];
  await app.advance(50_000);
  await lively.send("still here");
  await app.advance(50_000);
  assertEquals([silent.closed, lively.closed], [true, false]);
});

Deno.test("echo stops in order: no more is accepted, what was sent comes back", async () => {
  await using app = await startPlugin(echo);
  const client = await app.connect();
  await client.send("last words");
  assertEquals(await app.stop(), []);
  assertEquals(client.received(), "last words");
  assert(client.reason?.clean);
  assertEquals(app.endpoints, []);
  await assertRejects(() => app.connect("tcp:127.0.0.1:7007"), Error, "refused");
});

Deno.test("echo says what is wrong with its options", async () => {
  await assertRejects(
    () => startPlugin(echo, { listen: "tcp:80o", maxConnections: 0, idleTimout: "5m" } as object),
    Error,
    'Cannot use these options for plugin "echo":\n  options.listen: Cannot parse endpoint "tcp:80o"',
  );
});
