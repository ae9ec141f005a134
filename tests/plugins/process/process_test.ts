import process from "../../../plugins/process/mod.ts";
import { run } from "../../../runner/run.ts";
import { Application } from "../../../services/application.ts";
import { silentLogger } from "../../../services/log.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import { readOptions } from "../../../services/testing/_read_options.ts";
import { startPlugin } from "../../../services/testing/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../assert.ts";

const sh = (script: string): [string, ...string[]] => ["sh", "-c", script];

/** Resolves when `alive` is no process any more. */
async function gone(pid: number): Promise<void> {
  while (true) {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => null);
    if (stat === null || stat.includes(") Z ")) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("a program runs with its arguments, folder and environment, and its lines are logged", async () => {
  await using app = await startPlugin(process, {
    command: [
      "sh",
      "-c",
      'pwd; echo "$WORD $1"; echo oops >&2; printf "no end"',
      "sh",
      "argument with 'quotes'",
    ],
    cwd: "/",
    env: { WORD: "hello" },
  });
  assertEquals(await app.ended, { kind: "finished", result: { code: 0, signal: null } });
  const said = app.log.records.filter(({ level }) => level !== "debug").map(({ level, message }) =>
    `${level} ${message}`
  );
  assertEquals(said.toSorted(), ["info /", "info hello argument with 'quotes'", "info no end", "warn oops"]);
});

Deno.test("clearEnv gives it nothing but what env says", async () => {
  await using app = await startPlugin(process, {
    command: ["/usr/bin/env"],
    clearEnv: true,
    env: { ONLY: "this" },
  });
  await app.ended;
  assertEquals(app.log.records.filter(({ level }) => level === "info").map(({ message }) => message), [
    "ONLY=this",
  ]);
});

Deno.test("a status other than 0 is a failure that tells the last words; successCodes may differ", async () => {
  await using app = await startPlugin(process, { command: sh("echo no database >&2; exit 3") });
  const ending = await app.ended;
  assert(ending.kind === "failed");
  assertMatch(String(ending.error), /"sh" exited with status 3; the last it wrote: "no database"/);
  await using other = await startPlugin(process, { command: sh("exit 3"), successCodes: [3] });
  assertEquals((await other.ended).kind, "finished");
});

Deno.test("a program that cannot be started fails the start, and the message says why", async () => {
  await assertRejects(
    () => startPlugin(process, { command: ["no-such-program"] }),
    Error,
    'Cannot start "no-such-program": there is no such program',
  );
  await assertRejects(
    () => startPlugin(process, { command: ["sh"], cwd: "/no/such/folder" }),
    Error,
    'its working folder "/no/such/folder" does not exist',
  );
  await assertRejects(
    () => startPlugin(process, { command: ["/etc/passwd"] }),
    Error,
    'Cannot start "/etc/passwd": it is not executable',
  );
});

Deno.test("a drain sends the stop signal, and what the program does then is awaited", async () => {
  const app = await startPlugin(process, {
    command: sh('trap "echo tidied; exit 0" INT; echo up; while :; do sleep 0.01; done'),
    ready: { line: "^up$" },
    stop: { signal: "SIGINT" },
  });
  assertEquals(await app.stop(), []);
  assert(app.log.records.some(({ message }) => message === "tidied"));
  await app[Symbol.asyncDispose]();
});

Deno.test("one that will not stop is killed after the grace, with all that it started", async () => {
  const app = await startPlugin(process, {
    command: sh('trap "" TERM; sleep 100 & echo "child $!"; echo up; while :; do wait; done'),
    ready: { line: "up" },
    stop: { grace: "2s" },
  });
  const child = Number(app.log.records.find(({ message }) => message.startsWith("child "))!.message.slice(6));
  const stopped = app.stop(10_000);
  await app.advance(1_999);
  assert((await Deno.stat(`/proc/${child}`)).isDirectory);
  await app.advance(1);
  assertEquals(await stopped, []);
  await gone(child);
  await app[Symbol.asyncDispose]();
});

Deno.test("what a program leaves behind when it ends goes too", async () => {
  await using app = await startPlugin(process, { command: sh('sleep 100 & echo "child $!"') });
  await app.ended;
  await gone(Number(app.log.records.find(({ message }) => message.startsWith("child "))!.message.slice(6)));
});

Deno.test("it is ready when its port accepts connections, and a need of others until then", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const options = await readOptions(process, {
    command: [
      Deno.execPath(),
      "eval",
      `for await (const conn of Deno.listen({ hostname: "127.0.0.1", port: ${port} })) conn.close()`,
    ],
    ready: { port: `tcp:127.0.0.1:${port}` },
  });
  const application = new Application("demo");
  application.addService("server", () => process.makeService(options));
  application.addService("client", () => ({
    start: async (ctx) => {
      const { transport } = await ctx.reactor.connect(`tcp:127.0.0.1:${port}`, () => new Protocol());
      transport.loseConnection();
      ctx.finish();
    },
  }), { needs: ["server"], restart: "transient", significant: true, giveUp: { failures: 0, within: 1000 } });
  assertEquals(await run(application, { log: () => silentLogger }), { status: 0, reason: "finished" });
});

Deno.test("one that ends before it is ready has failed to start", async () => {
  await assertRejects(
    () => startPlugin(process, { command: sh("echo bad config; exit 1"), ready: { line: "listening" } }),
    Error,
    'exited with status 1; the last it wrote: "bad config", before it was ready',
  );
});

Deno.test("it is ready when a URL answers well, and unhealthy when that stops", async () => {
  let status = 200;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response(null, { status }),
  );
  const http = `http://127.0.0.1:${server.addr.port}/health`;
  try {
    const reason = (error: unknown): string => error instanceof Error ? error.message : String(error);
    await using app = await startPlugin(process, {
      command: ["sleep", "100"],
      ready: { http },
      health: { http },
    });
    await app.health();
    status = 503;
    assertEquals(await app.health().catch(reason), `${http} answered 503`);
  } finally {
    await server.shutdown();
  }
});

Deno.test("what it uses is counted while it runs", async () => {
  await using app = await startPlugin(process, { command: sh("echo up; sleep 100"), ready: { line: "up" } });
  const memory = app.metrics.collect().find(({ name }) => name === "program_resident_memory_bytes");
  assert(memory!.samples[0]!.value > 10_000);
});

Deno.test("a line without an end is cut, and does not fill the memory", async () => {
  await using app = await startPlugin(process, { command: sh("head -c 100000 /dev/zero | tr '\\0' x") });
  await app.ended;
  const lengths = app.log.records.filter(({ level }) => level === "info").map(({ message }) =>
    message.length
  );
  assertEquals(lengths.reduce((sum, length) => sum + length), 100_000);
  assert(lengths.every((length) => length <= 16 * 1024));
});
