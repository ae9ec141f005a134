import { assert, assertEquals, assertMatch } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { asked, Isolated } from "./_isolated.ts";
import { lives } from "./_proc.ts";

/** Wait until something is so that nothing tells of. */
async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; !await isSo(); tries++) {
    if (tries === 200) throw new Error(`It did not come about: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function failure(app: Isolated, reason: RegExp): Promise<void> {
  await app.served.record(({ message, reason: told }) =>
    message === "Failed, will be started again" && reason.test(String(told))
  );
}

Deno.test("a plugin that declares nothing may do nothing, and sees nothing", async () => {
  await using app = new Isolated("", undefined, { SECRET: "xyzzy" });
  const endpoint = await app.endpoint();
  assertEquals(await asked(endpoint, "permissions"), "none");
  assertEquals(await asked(endpoint, "read /etc/passwd"), "NotCapable");
  assertEquals(await asked(endpoint, `read ${import.meta.filename}`), "NotCapable");
  assertEquals(await asked(endpoint, `write ${app.scene.folder}/x`), "NotCapable");
  assertEquals(await asked(endpoint, "env SECRET"), "NotCapable");
  const environment = Deno.readTextFileSync(`/proc/${(await app.pids())[0]}/environ`);
  assert(!environment.includes("xyzzy"), environment);
});

Deno.test("the file grants what it names, and nothing beside it", async () => {
  await using app = new Isolated(
    "permissions: { read: [/etc/hostname] }\nenv: [GIVEN]",
    undefined,
    { GIVEN: "this", SECRET: "xyzzy" },
  );
  const endpoint = await app.endpoint();
  assertMatch(await asked(endpoint, "read /etc/hostname"), /^\d+$/);
  assertEquals(await asked(endpoint, "read /etc/passwd"), "NotCapable");
  assertEquals(await asked(endpoint, "env GIVEN"), "this");
  assertEquals(await asked(endpoint, "env SECRET"), "NotCapable");
});

Deno.test("what is denied is reported as such, in words that say how to grant it", async () => {
  await using app = new Isolated();
  const endpoint = await app.endpoint();
  assertEquals(await asked(endpoint, "fail-to-read /etc/passwd"), "failed");
  await failure(app, /^Denied by its permissions: Requires read access to "\/etc\/passwd"; grant it under/);
});

Deno.test("a process gets no socket that its options do not name", async () => {
  await using app = new Isolated();
  const endpoint = await app.endpoint();
  using conn = await TextConn.connect(endpoint);
  await conn.send("listen tcp:127.0.0.1:1025\n");
  assertEquals(await conn.line(), "...");
  assertMatch(await conn.line(), /^Cannot listen on "tcp:127.0.0.1:1025": denied by its permissions/);
});

Deno.test("records and prints of a process are in the log under its service", async () => {
  await using app = new Isolated();
  await asked(await app.endpoint(), "log this");
  const record = await app.served.record(({ message }) => message === "Said so");
  assertEquals([record.service, record.level, record.argument], ["subject", "warn", "this"]);
  const printed = await app.served.record(({ message }) => message === "printed this");
  assertEquals([printed.service, printed.stream], ["subject", "stdout"]);
});

Deno.test("an endless loop is found and killed; who connects meanwhile is served by the successor", async () => {
  await using app = new Isolated("heartbeat: 400ms");
  const endpoint = await app.endpoint();
  const [pid] = await app.pids();
  using looping = await TextConn.connect(endpoint);
  await looping.send("loop\n");
  await failure(app, /^its process did not answer for 400 ms, and was killed$/);
  assertEquals(await asked(endpoint, "ping"), "pong");
  assert((await app.pids())[0] !== pid);
});

Deno.test("kill -9 of a process loses no connection that it had not accepted", async () => {
  await using app = new Isolated();
  const endpoint = await app.endpoint();
  for (let round = 0; round < 3; round++) {
    const [pid] = await app.pids();
    Deno.kill(pid!, "SIGKILL");
    assertEquals(await asked(endpoint, "ping"), "pong");
  }
  await failure(app, /^its process was killed by SIGKILL/);
});

Deno.test("a leak ends the process at the bound of its heap, and nothing else", async () => {
  await using app = new Isolated("memory: 48MiB\nheartbeat: 60s");
  const endpoint = await app.endpoint();
  using leaking = await TextConn.connect(endpoint);
  await leaking.send("leak\n");
  await failure(app, /^its process ran out of its heap of 48 MiB$/);
  assertEquals(await asked(endpoint, "ping"), "pong");
});

Deno.test("an error that nobody catches is the service's failure", async () => {
  await using app = new Isolated();
  const endpoint = await app.endpoint();
  assertEquals(await asked(endpoint, "throw"), "thrown");
  await failure(app, /^Nobody catches this$/);
  assertEquals(await asked(endpoint, "ping"), "pong");
});

Deno.test("no process outlives the runner's kill -9, not even one in an endless loop", async () => {
  await using app = new Isolated("replicas: 2\nheartbeat: 60s");
  const endpoint = await app.endpoint();
  const pids = await app.pids();
  using looping = await TextConn.connect(endpoint);
  await looping.send("loop\n");
  app.served.kill("SIGKILL");
  await app.served.ended();
  await until(() => !pids.some(lives), "the end of all processes");
});

Deno.test("a clean stop leaves no process", async () => {
  await using app = new Isolated("replicas: 2");
  await app.endpoint();
  const pids = await app.pids();
  app.served.kill("SIGTERM");
  assertEquals(await app.served.ended(), 0);
  assert(!pids.some(lives));
});

Deno.test("metrics, connections, memory and pid of a process are seen in the runner", async () => {
  await using app = new Isolated();
  const endpoint = await app.endpoint();
  using conn = await TextConn.connect(endpoint);
  await conn.send("ping\n");
  await conn.line();
  await until(
    async () => (await app.text("GET", "/metrics")).includes('subject_lines_total{service="subject"} 1\n'),
    "the count of lines",
  );
  const unit = await app.unit();
  assertEquals([unit.connections, unit.bytesRead, unit.bytesWritten], [1, 5, 6]);
  assert(unit.memory! > 10e6, `${unit.memory} bytes`);
  assert(lives(unit.pid!));
});
