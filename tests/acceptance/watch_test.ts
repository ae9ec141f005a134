import { assertEquals, assertStringIncludes } from "../assert.ts";
import { Scene, type Served } from "./_scene.ts";

const PLUGIN = `
import { word } from "./word.ts";
const options = { "~standard": { version: 1, vendor: "none", validate: (value) => ({ value }) } };
export default {
  name: "speaker",
  options,
  makeService: () => ({ start: (ctx) => ctx.log.info(\`I say \${word}\`) }),
};
`;

/** An application with a plugin of its own, served with --watch. */
class Watched implements AsyncDisposable {
  readonly scene: Scene;
  readonly served: Served;

  constructor(extra = "", word = "one") {
    this.scene = new Scene(`services: { speaker: { plugin: ./speaker.ts${extra} } }\n`);
    this.write("word.ts", `export const word = "${word}";`);
    this.write("speaker.ts", PLUGIN);
    this.served = this.scene.serve({ arguments: ["--watch", "--log-level", "debug"] });
  }

  write(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.scene.folder}/${name}`, text);
  }

  async watching(): Promise<void> {
    await this.served.record(({ message }) => message === "Watching");
    await this.served.ready();
  }

  async says(word: string): Promise<void> {
    await this.served.record(({ message }) => message === `I say ${word}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.served[Symbol.asyncDispose]();
    await this.scene[Symbol.asyncDispose]();
  }
}

Deno.test("serve --watch reloads when the file changes, and ends in order", async () => {
  await using app = new Watched();
  await app.watching();
  app.write(
    "app.yaml",
    `services: { speaker: { plugin: ./speaker.ts }, echo: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } } }\n`,
  );
  const { results } = await app.served.record(({ message }) => message === "Application reloaded");
  assertEquals(results, [{ path: "echo", action: "add", result: "done" }]);
  app.served.kill("SIGTERM");
  assertEquals(await app.served.ended(), 0);
});

Deno.test("serve --watch starts the runner again when what an inline service's plugin imports changes", async () => {
  await using app = new Watched();
  await app.watching();
  app.write("word.ts", `export const word = "two";`);
  await app.says("two");
  assertStringIncludes(
    app.served.stderr.text,
    "starting the runner again, which closes its sockets for a moment",
  );
  app.served.kill("SIGTERM");
  assertEquals(await app.served.ended(), 0);
});

Deno.test("serve --watch restarts services in processes of their own alone when their code changes", async () => {
  await using app = new Watched(", isolate: process");
  await app.watching();
  await app.says("one");
  app.write("word.ts", `export const word = "two";`);
  await app.says("two");
  assertStringIncludes(app.served.stderr.text, "restarting the services that use it");
});

Deno.test("serve --watch waits for a change where the file is wrong", async () => {
  await using app = new Watched();
  await app.watching();
  app.write("speaker.ts", "export default 1;");
  await app.served.stderr.line((line) => line === "Waiting for a change");
  app.write("word.ts", `export const word = "three";`);
  app.write("speaker.ts", PLUGIN);
  await app.says("three");
});
