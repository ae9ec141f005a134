import { assert, assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { PLUGINS, Scene } from "./_scene.ts";
import { Storm } from "./_storm.ts";

Deno.test("a service whose task throws comes back, and its port refuses nobody meanwhile", async () => {
  await using scene = new Scene(`services:
  fragile:
    plugin: ${PLUGINS}fragile.ts
    options: { listen: "tcp:127.0.0.1:0" }
`);
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("fragile");
  await using storm = new Storm(endpoint!, 8);
  for (let crash = 1; crash <= 3; crash++) {
    await storm.serves(50);
    using killer = await TextConn.connect(endpoint!);
    await killer.send("crash\n");
    await app.record(({ message, attempt }) =>
      message === "Failed, will be started again" && attempt === crash
    );
    await killer.rest();
  }
  await storm.serves(50);
  await storm.stop();
  assertEquals(storm.refused, 0);
  // Those whose conversation was under way at a crash are lost, and nobody else.
  assert(storm.lost <= 3 * 8, `${storm.lost} were lost, ${storm.served} served`);
});

Deno.test("what kill -9 leaves behind does not hinder the next start", async () => {
  await using scene = new Scene(
    `services: { echo: { plugin: echo, options: { listen: "unix:echo.sock" } } }\n`,
  );
  {
    await using app = scene.serve();
    await app.ready();
    app.kill("SIGKILL");
    await app.ended();
  }
  assert(Deno.lstatSync(`${scene.folder}/echo.sock`).isSocket, "the socket file has outlived the process");
  await using app = scene.serve();
  await app.ready();
  using conn = await TextConn.connect(`unix:${scene.folder}/echo.sock`);
  await conn.send("hello\n");
  assertEquals(await conn.line(), "hello");
});

Deno.test("a second start does not take the socket of a running one away", async () => {
  await using scene = new Scene(
    `services: { echo: { plugin: echo, significant: true, giveUp: { failures: 0, within: 1s }, ` +
      `options: { listen: "unix:echo.sock" } } }\n`,
  );
  await using app = scene.serve();
  await app.ready();
  await using second = scene.serve();
  assertEquals(await second.ended(), 69);
  using conn = await TextConn.connect(`unix:${scene.folder}/echo.sock`);
  await conn.send("hello\n");
  assertEquals(await conn.line(), "hello");
});
