import type { OutcomeReply } from "../../runner/control/api.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { asked, ControlledScene, Isolated } from "./_isolated.ts";
import { argumentsOf, descendantsOf, lives } from "./_proc.ts";
import { PLUGINS } from "./_scene.ts";
import { Storm } from "./_storm.ts";

Deno.test("a replica that dies is started again alone, and nobody is refused", async () => {
  await using app = new Isolated("replicas: 2");
  const endpoint = await app.endpoint();
  const [first, second] = await app.pids();
  await using storm = new Storm(endpoint, 4);
  await storm.serves(20);
  Deno.kill(first!, "SIGKILL");
  await app.served.record(({ message }) => message === "Replica failed, will be started again");
  await app.served.record(({ message }) => message === "Replica started");
  await storm.serves(20);
  await storm.stop();
  assertEquals(storm.refused, 0);
  assert(storm.lost <= 4, `${storm.lost} conversations were lost with their process`);
  const { state, restarts, replicas } = await app.unit();
  assertEquals([state, restarts, replicas!.ready], ["ready", 0, 2]);
  assert(replicas!.pids.includes(second!) && !replicas!.pids.includes(first!), replicas!.pids.join());
});

Deno.test("the service fails with the last of its replicas, and comes back with all of them", async () => {
  await using app = new Isolated("replicas: 2\nbackoff: { initial: 2s }");
  const endpoint = await app.endpoint();
  for (const pid of await app.pids()) Deno.kill(pid, "SIGKILL");
  await app.served.record(({ message }) => message === "Failed, will be started again");
  assertEquals(await asked(endpoint, "ping"), "pong");
});

Deno.test("rolling restarts in a storm of clients: none is refused, none is reset", async () => {
  await using app = new Isolated("replicas: 2");
  const endpoint = await app.endpoint();
  await using storm = new Storm(endpoint, 8);
  await storm.serves(50);
  for (let round = 0; round < 3; round++) {
    const before = await app.pids();
    const { ok, outcome } = await app.ask<OutcomeReply>("POST", "/v1/restart?unit=subject");
    assertEquals([ok, outcome.reason], [true, undefined]);
    const after = await app.pids();
    assertEquals([after.length, after.some((pid) => before.includes(pid))], [2, false]);
    await storm.serves(20);
  }
  await storm.stop();
  assertEquals([storm.refused, storm.lost], [0, 0], `of ${storm.served}`);
});

Deno.test("another number of replicas adds or ends the difference only", async () => {
  await using app = new Isolated("replicas: 2");
  const endpoint = await app.endpoint();
  const two = await app.pids();
  app.rewrite("replicas: 3");
  await app.ask("POST", "/v1/reload");
  const three = await app.pids();
  assertEquals([three.length, three.slice(0, 2)], [3, [...two]]);
  app.rewrite("replicas: 1");
  await app.ask("POST", "/v1/reload");
  assertEquals(await app.pids(), two.slice(0, 1));
  assertEquals(await asked(endpoint, "ping"), "pong");
});

Deno.test("new options go to running processes; what they refuse replaces them, and loses nobody", async () => {
  await using app = new Isolated("replicas: 2");
  const endpoint = await app.endpoint();
  const pids = await app.pids();
  app.rewrite("replicas: 2", 'listen: "tcp:127.0.0.1:0", greeting: moin');
  await app.ask("POST", "/v1/reload");
  assertEquals(await asked(endpoint, "greeting"), "moin");
  assertEquals(await app.pids(), pids);

  await using storm = new Storm(endpoint, 4);
  await storm.serves(20);
  // Another hosting, so that the processes themselves are replaced.
  app.rewrite("replicas: 2\nmemory: 100MiB", 'listen: "tcp:127.0.0.1:0", greeting: moin');
  await app.ask("POST", "/v1/reload");
  await storm.serves(20);
  await storm.stop();
  assertEquals([storm.refused, storm.lost], [0, 0], `of ${storm.served}`);
  const others = await app.pids();
  assertEquals([others.length, others.some((pid) => pids.includes(pid))], [2, false]);
});

Deno.test("a replica that hangs in its start is given up at startTimeout, and started again", async () => {
  const settings = `plugin: ${PLUGINS}pliable.ts
    isolate: process
    replicas: 2
    startTimeout: 4s
    backoff: { initial: 1ms }
    options: { listen: "tcp:127.0.0.1:0", traps: traps, generation: 0 }`;
  await using app = new ControlledScene(
    `name: demo\nlog: { level: debug }\nservices:\n  subject:\n    ${settings}\n`,
    {},
    [
      "traps",
    ],
  );
  await app.open();
  const { pid } = await app.settled("subject");
  Deno.writeTextFileSync(`${app.scene.folder}/traps/subject`, "");
  Deno.kill(pid!, "SIGKILL");
  await app.served.record(({ reason }) => reason === "its start took longer than 4000 ms");
  await app.settled("subject");
});

Deno.test("a replica that is given other options while it starts runs by those", async () => {
  await using app = new Isolated("replicas: 2");
  await app.endpoint();
  const [first, second] = await app.pids();
  Deno.kill(first!, "SIGKILL");
  const successor = await newChild(app, [first!, second!]);
  Deno.kill(successor, "SIGSTOP");
  app.rewrite("replicas: 2", 'listen: "tcp:127.0.0.1:0", greeting: moin');
  await app.ask("POST", "/v1/reload");
  Deno.kill(successor, "SIGCONT");
  const { endpoints } = await app.settled("subject");
  Deno.kill(second!, "SIGKILL"); // so that the other one answers
  assertEquals(await asked(endpoints![0]!, "greeting"), "moin");
});

Deno.test("a replica that comes back by itself while a restart replaces it leaves no process behind", async () => {
  await using app = new Isolated("replicas: 2\nbackoff: { initial: 500ms }");
  await app.endpoint();
  const pids = await app.pids();
  Deno.kill(pids[0]!, "SIGKILL");
  await app.served.record(({ message }) => message === "Replica failed, will be started again");
  const restarted = app.ask<OutcomeReply>("POST", "/v1/restart?unit=subject");
  const successor = await newChild(app, pids);
  Deno.kill(successor, "SIGSTOP");
  await app.settled("subject"); // the one that failed has come back before its successor is ready
  Deno.kill(successor, "SIGCONT");
  assertEquals((await restarted).ok, true);
  const { replicas } = await app.settled("subject");
  const isLeft = () => descendantsOf(app.served.pid).filter((pid) => !replicas!.pids.includes(pid));
  for (let tries = 0; isLeft().length > 0; tries++) {
    assert(tries < 200, `${isLeft()} are left over`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
});

Deno.test("a replica that loops while it is asked for its health is started again alone", async () => {
  await using app = new Isolated("replicas: 2\nhealthInterval: 1s\nheartbeat: 2s");
  const endpoint = await app.endpoint();
  using conn = await TextConn.connect(endpoint);
  await conn.send("loop\n");
  await app.served.record(({ message }) => message === "Replica started");
  assertEquals((await app.settled("subject")).restarts, 0);
});

/** Wait for a process of the service beside those that are known; its program runs, so that it can be stopped. */
async function newChild(app: Isolated, known: readonly number[]): Promise<number> {
  const { pid: runner } = app.served;
  for (let tries = 0; tries < 2000; tries++) {
    const child = descendantsOf(runner).find((pid) =>
      !known.includes(pid) && argumentsOf(pid).join() !== argumentsOf(runner).join()
    );
    if (child !== undefined) return child;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("No process was started");
}

Deno.test("heddle status tells how many of the replicas are ready", async () => {
  await using app = new Isolated("replicas: 2");
  await app.endpoint();
  const pids = await app.pids();
  assertEquals(pids.length, 2);
  assert(pids.every(lives));
  const { replicas, cpu } = await app.unit();
  assertEquals([replicas!.ready, replicas!.wanted], [2, 2]);
  assert(cpu! >= 0);
  assertMatch(JSON.stringify(await app.unit()), /"memory":\d+/);
});
