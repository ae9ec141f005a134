import { startPlugin } from "@heddle/heddle/testing";
import { deepEqual, equal, rejects } from "node:assert/strict";
import plugin from "./plugin.ts";

Deno.test("quote gives its quotes in turn, and closes", async () => {
  await using app = await startPlugin(plugin, { quotes: ["one", "two"] });
  const clients = [await app.connect(), await app.connect(), await app.connect()];
  deepEqual(clients.map((client) => client.received()), ["one\r\n", "two\r\n", "one\r\n"]);
  equal(clients.every((client) => client.closed), true);
});

Deno.test("quote answers datagrams", async () => {
  await using app = await startPlugin(plugin, { udp: "udp:17", quotes: ["one"] });
  const client = await app.connectDatagram();
  await client.send("");
  deepEqual(client.received(), ["one\r\n"]);
});

Deno.test("quote needs a quote", async () => {
  await rejects(startPlugin(plugin, { quotes: [] }), /options\.quotes/);
});
