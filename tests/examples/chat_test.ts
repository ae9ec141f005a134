import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointOf, runExample } from "./_example.ts";

Deno.test("examples/chat: people meet, talk and leave", async () => {
  await using server = await runExample("chat/server.ts", "tcp:127.0.0.1:0");
  const endpoint = await endpointOf(server);
  using ada = await enter(endpoint, "Ada");
  {
    using bob = await enter(endpoint, "Bob");
    assertEquals(await ada.line(), "Bob is here");
    await bob.send("good morning\n");
    assertEquals(await ada.line(), "<Bob> good morning");
  }
  assertEquals(await ada.line(), "Bob has left");
});

Deno.test("examples/chat: a name is one word, and nobody else's", async () => {
  await using server = await runExample("chat/server.ts", "tcp:127.0.0.1:0");
  const endpoint = await endpointOf(server);
  using _ada = await enter(endpoint, "Ada");
  using other = await TextConn.connect(endpoint);
  await other.send("Ada Lovelace\nAda\nGrace\n");
  await other.line();
  assertEquals([await other.line(), await other.line(), await other.line()], [
    "A name is one word, of letters. What is yours?",
    "That name is taken. What is yours?",
    "Welcome, Grace",
  ]);
});

async function enter(endpoint: string, name: string): Promise<TextConn> {
  const conn = await TextConn.connect(endpoint);
  assertEquals(await conn.line(), "What is your name?");
  await conn.send(`${name}\n`);
  assertEquals(await conn.line(), `Welcome, ${name}`);
  return conn;
}
