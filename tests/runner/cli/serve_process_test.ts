import { assertEquals, assertStringIncludes } from "../../assert.ts";
import { fileWith } from "../../support/file_with.ts";
import { HeddleProcess } from "../../support/heddle_process.ts";

const FIXTURES = new URL("./fixtures/", import.meta.url).pathname;

/** A folder with an application file, which lasts for one test. */
class Scene implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly file = `${this.folder}/app.yaml`;

  constructor(text: string) {
    this.write(text);
  }

  write(text: string): void {
    Deno.writeTextFileSync(this.file, text);
  }

  serve(...flags: string[]): HeddleProcess {
    return new HeddleProcess(["serve", "app.yaml", ...flags], { cwd: this.folder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

const ECHO = `services: { echo: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } } }\n`;
const STUBBORN = `services: { stubborn: { plugin: ${FIXTURES}stubborn.ts, stopTimeout: 1h } }\n`;

/** Wait until the application is ready; the port that "echo" listens on. */
async function echoPort(heddle: HeddleProcess): Promise<number> {
  await heddle.record(({ message }) => message === "Application ready");
  const { endpoints } = await heddle.record(({ service, message }) =>
    service === "echo" && message === "Started"
  );
  const [endpoint] = endpoints as string[];
  return Number(endpoint?.split(":").at(-1));
}

async function echoes(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(64);
  const length = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`heddle serve serves until ${signal}, and ends with 0`, async () => {
    await using scene = new Scene(ECHO);
    await using heddle = scene.serve();
    const port = await echoPort(heddle);
    assertEquals(await echoes(port, "hello"), "hello");
    heddle.kill(signal);
    assertEquals(await heddle.ended(), 0);
    const last = JSON.parse(heddle.stderr.lines.at(-1)!);
    assertEquals([last.level, last.message, last.status], ["info", "Application ended", 0]);
    assertEquals(heddle.stdout.text, "");
  });
}

Deno.test("heddle serve is forced to end by a second signal", async () => {
  await using scene = new Scene(STUBBORN);
  await using heddle = scene.serve("--log-level", "debug");
  await heddle.record(({ message }) => message === "Application ready");
  heddle.kill("SIGTERM");
  await heddle.record(({ message }) => message === "Draining");
  heddle.kill("SIGINT");
  assertEquals(await heddle.ended(), 0);
});

Deno.test("heddle serve takes a signal that a parent hands on for the one that it has had", async () => {
  await using scene = new Scene(STUBBORN);
  await using heddle = scene.serve("--log-level", "debug");
  await heddle.record(({ message }) => message === "Application ready");
  heddle.kill("SIGTERM");
  heddle.kill("SIGTERM");
  await heddle.record(({ message }) => message === "Draining");
  heddle.kill("SIGINT");
  assertEquals(await heddle.ended(), 0);
  const forced = heddle.stderr.lines.filter((line) => line.includes("stopping at once"));
  assertEquals(forced.map((line) => JSON.parse(line).message), ["SIGINT: stopping at once"]);
});

Deno.test("heddle serve reopens its log file on SIGUSR1", async () => {
  await using scene = new Scene(`log: { file: app.log }\n${ECHO}`);
  await using heddle = scene.serve();
  const log = `${scene.folder}/app.log`;
  await fileWith(log, "Application ready");
  Deno.renameSync(log, `${log}.moved`);
  heddle.kill("SIGUSR1");
  await fileWith(log, "");
  heddle.kill("SIGTERM");
  assertEquals(await heddle.ended(), 0);
  assertStringIncludes(Deno.readTextFileSync(log), `"message":"Application ended"`);
  assertEquals(heddle.stderr.text, "");
});

Deno.test("heddle serve reads its file again on SIGHUP, and does what has changed", async () => {
  await using scene = new Scene(ECHO);
  await using heddle = scene.serve();
  const port = await echoPort(heddle);
  scene.write(
    `services: { echo: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }, more: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } } }\n`,
  );
  heddle.kill("SIGHUP");
  const { results } = await heddle.record(({ message }) => message === "Application reloaded");
  assertEquals(results, [{ path: "more", action: "add", result: "done" }]);
  assertEquals(await echoes(port, "unharmed"), "unharmed");
});

Deno.test("heddle serve keeps running what it runs when the new file is bad", async () => {
  await using scene = new Scene(ECHO);
  await using heddle = scene.serve();
  const port = await echoPort(heddle);
  scene.write(`services: { echo: { plugin: ehco } }\n`);
  heddle.kill("SIGHUP");
  await heddle.record(({ message }) => message === "Cannot reload the application: nothing has changed");
  assertStringIncludes(heddle.stderr.text, `app.yaml:1:29: services.echo.plugin: Cannot load plugin`);
  assertEquals(await echoes(port, "unharmed"), "unharmed");
});

Deno.test("heddle serve without Deno's net flag starts itself again with it, and hands signals on", async () => {
  const { unstable: _, ...config } = JSON.parse(
    await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)),
  );
  await using scene = new Scene(`services: { probe: { plugin: ${FIXTURES}net_probe.ts } }`);
  await Deno.writeTextFile(`${scene.folder}/deno.json`, JSON.stringify(config));
  const flags = ["-A", "--no-lock", "--config", `${scene.folder}/deno.json`];
  await using heddle = new HeddleProcess(["serve", "app.yaml"], { cwd: scene.folder, flags });
  const { datagrams } = await heddle.record(({ message }) => message === "Probed");
  assertEquals(datagrams, "function");
  await heddle.record(({ message }) => message === "Application ready");
  heddle.kill("SIGTERM");
  assertEquals(await heddle.ended(), 0);
  assertStringIncludes(heddle.stderr.lines.at(-1)!, `"message":"Application ended"`);
});
