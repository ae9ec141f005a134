import type { OutcomeReply } from "../../runner/control/api.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { asked, Isolated, lives } from "./_isolated.ts";
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
