import { assertEquals } from "../assert.ts";
import { portOf, runExample } from "./_example.ts";

Deno.test("examples/udp: a datagram comes back to where it came from", async () => {
  await using server = await runExample("udp/server.ts", "udp:127.0.0.1:0");
  await using client = await runExample("udp/client.ts", await portOf(server));
  assertEquals(await client.ended(), 0);
  assertEquals(client.stdout.text, "The server said: ping\n");
});

Deno.test("examples/multicast: members of a group hear of each other", async () => {
  await using alice = await runExample("multicast/member.ts", "Alice");
  await alice.stdout.line((line) => line === "Alice is in the group");
  await using bob = await runExample("multicast/member.ts", "Bob");
  await Promise.all([
    alice.stdout.line((line) => line === "hello Bob"),
    bob.stdout.line((line) => line === "welcome from Alice"),
  ]);
});
