import { assert, assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { PLUGINS, Scene } from "./_scene.ts";

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

/** Clients that come one after the other, several at a time, each with a question. */
class Storm implements AsyncDisposable {
  served = 0;
  refused = 0;
  lost = 0;
  readonly #endpoint: string;
  readonly #clients: Promise<void>[];
  #blowing = true;
  #wanted = { count: Infinity, reached: () => {} };

  constructor(endpoint: string, atOnce: number) {
    this.#endpoint = endpoint;
    this.#clients = Array.from({ length: atOnce }, () => this.#blow());
  }

  /** Resolves when so many more have got their answer. */
  async serves(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wanted = { count: this.served + count, reached: resolve };
    await promise;
  }

  async stop(): Promise<void> {
    this.#blowing = false;
    await Promise.all(this.#clients);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #blow(): Promise<void> {
    while (this.#blowing) {
      try {
        using conn = await TextConn.connect(this.#endpoint);
        await this.#ask(conn);
      } catch {
        this.refused++;
      }
    }
  }

  async #ask(conn: TextConn): Promise<void> {
    try {
      await conn.send("ping\n");
      assertEquals(await conn.line(), "pong");
      if (++this.served === this.#wanted.count) this.#wanted.reached();
    } catch {
      this.lost++;
    }
  }
}
