import { startPlugin } from "@heddle/heddle/testing";
import { equal } from "node:assert/strict";
import plugin from "./5_plugin.ts";

Deno.test("finger answers one question, and closes", async () => {
  await using app = await startPlugin(plugin, { users: { alice: "Out for lunch" } });
  const client = await app.connect();
  await client.send("alice\r\n");
  equal(client.received(), "Out for lunch\r\n");
  equal(client.closed, true);
});

Deno.test("finger takes new users over while somebody is connected", async () => {
  await using app = await startPlugin(plugin, { users: {} });
  const client = await app.connect();
  equal(await app.reload({ users: { bob: "In the laboratory" } }), true);
  await client.send("bob\r\n");
  equal(client.received(), "In the laboratory\r\n");
});

Deno.test("finger is replaced when it is to listen elsewhere", async () => {
  await using app = await startPlugin(plugin, { users: {} });
  equal(await app.reload({ listen: "tcp:79", users: {} }), false);
});
