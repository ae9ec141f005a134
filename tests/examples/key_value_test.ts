import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointsOf, serveExample } from "./_example.ts";

Deno.test("examples/key_value: a store that fails takes its front along, and nobody else", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/data/store.json`;
  await Deno.mkdir(`${folder}/data`);
  const env = { STORE: file, SAVE_EVERY: "20ms", PORT: "0", ECHO_PORT: "0" };
  await using server = serveExample("key_value/app.yaml", env);
  const [front] = await endpointsOf(server, "data.front");
  const [echo] = await endpointsOf(server, "echo");
  using bystander = await TextConn.connect(echo!);

  using before = await TextConn.connect(front!);
  await Deno.rename(`${folder}/data`, `${folder}/elsewhere`);
  await before.send("set name Ada\n");
  assertEquals(await before.line(), "Ada");
  await server.record(({ message, service }) =>
    message === "Failed, will be started again" && service === "data.store"
  );
  assertEquals(await before.rest(), "", "its connections are closed with the front");
  await Deno.rename(`${folder}/elsewhere`, `${folder}/data`);

  using after = await TextConn.connect(front!);
  await after.send("get name\nset name Grace\n");
  assertEquals([await after.line(), await after.line()], ["", "Grace"]);
  await bystander.send("still here\n");
  assertEquals(await bystander.line(), "still here");

  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
  assertEquals(
    await Deno.readTextFile(file),
    `[["name","Grace"]]`,
    "what was not saved is saved in the stop",
  );
  await Deno.remove(folder, { recursive: true });
});
