import { assert, assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { PLUGINS, Scene } from "./_scene.ts";

function dialogue(stopTimeout: string): string {
  return `services:
  dialogue:
    plugin: ${PLUGINS}dialogue.ts
    stopTimeout: ${stopTimeout}
    options: { listen: "tcp:127.0.0.1:0" }
`;
}

Deno.test("SIGTERM ends an application with idle clients at once, with status 0", async () => {
  await using scene = new Scene(dialogue("1h"));
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("dialogue");
  using idle = await TextConn.connect(endpoint!);
  await app.ready();
  app.kill("SIGTERM");
  assertEquals(await idle.rest(), "");
  assertEquals(await app.ended(), 0);
});

Deno.test("SIGTERM lets a client finish what is under way", async () => {
  await using scene = new Scene(dialogue("1h"));
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("dialogue");
  using busy = await TextConn.connect(endpoint!);
  await busy.send("begin\n");
  assertEquals(await busy.line(), "begun");
  await app.ready();
  app.kill("SIGTERM");
  assertEquals(await busy.line(), "finish, please");
  assertEquals(await connects(endpoint!), false, "no new work is taken");
  await busy.send("end\n");
  assertEquals(await busy.rest(), "done\r\n");
  assertEquals(await app.ended(), 0);
});

Deno.test("SIGTERM waits no longer than the deadline, and says what was cut", async () => {
  await using scene = new Scene(dialogue("300ms"));
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("dialogue");
  using stubborn = await TextConn.connect(endpoint!);
  await stubborn.send("begin\n");
  assertEquals(await stubborn.line(), "begun");
  await app.ready();
  app.kill("SIGTERM");
  assertEquals(await app.ended(), 0);
  const cut = app.stderr.lines.map((line) => JSON.parse(line))
    .find(({ message }) => message === "Did not stop in time");
  assert(/^connection from tcp:127\.0\.0\.1:\d+$/.test(cut.leftovers[0]), JSON.stringify(cut));
});

async function connects(endpoint: string): Promise<boolean> {
  try {
    (await TextConn.connect(endpoint))[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
