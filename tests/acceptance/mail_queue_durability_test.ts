import { readQueue } from "../../services/mail/queue/read_queue.ts";
import { systemQueueFiles } from "../../services/mail/queue/queue_files.ts";
import { assert, assertEquals } from "../assert.ts";
import { randomOf } from "../support/random.ts";
import { KILLS, mountTmpfs, SEED, send, type Sent } from "./_mail_senders.ts";
import { MailSink } from "./_mail_sink.ts";
import { Scene } from "./_scene.ts";

const CONNECTIONS = 8;

function application(sinkPort: number): string {
  return `name: mail
services:
  smtp:
    plugin: smtp
    options:
      listen: "tcp:127.0.0.1:0"
      hostname: relay.test
      domains: [here.test]
      trusted: [127.0.0.1]
      deliver: discard
      relay: { queue: queue, smarthost: "tcp:127.0.0.1:${sinkPort}", retry: 1s }
`;
}

async function waiting(folder: string): Promise<number> {
  return (await readQueue(`${folder}/queue`, systemQueueFiles)).state.entries.size;
}

async function untilEmpty(folder: string): Promise<void> {
  for (const end = Date.now() + 60_000; await waiting(folder) > 0;) {
    assert(Date.now() < end, `${await waiting(folder)} messages are still in the queue`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// What SMTP cannot promise: a server that has said 250 to us just as we died is told the message again, for
// nobody had written down that it has it. So: never zero times, and twice only where a kill lies between.
Deno.test(`smtp passes on every message that got a 250, whole, however often it is killed (seed ${SEED})`, async () => {
  const random = randomOf(SEED);
  const sent: Sent = new Map();
  await using sink = new MailSink();
  await using scene = new Scene(application(sink.port));
  let count = 0;
  const next = () => ({ id: `m${++count}`, size: Math.floor(random() ** 3 * 300_000) });
  for (; sink.round < KILLS; sink.round++) {
    await using app = scene.serve();
    const port = Number(await app.port("smtp"));
    const senders = Array.from({ length: CONNECTIONS }, () => send(port, "x@there.test", next, sent));
    await new Promise((resolve) => setTimeout(resolve, 20 + random() * 250));
    app.kill("SIGKILL");
    await Promise.all(senders);
    await app.ended();
    await sink.settle();
  }
  await using app = scene.serve();
  await app.ready();
  await untilEmpty(scene.folder);
  assertEquals(sink.taken.filter(({ whole }) => !whole), [], "a message that is not whole was passed on");
  const counts = sink.counts();
  const acknowledged = [...sent].filter(([, { acknowledged }]) => acknowledged).map(([id]) => id);
  assertEquals(acknowledged.filter((id) => !counts.has(id)), [], "got a 250, and never arrived");
  const rounds = new Set(sink.taken.map(({ id, round }) => `${id} in round ${round}`));
  assertEquals(rounds.size, sink.taken.length, "a message arrived twice without a kill in between");
  assert(
    acknowledged.length > KILLS,
    `only ${acknowledged.length} messages got through: the test tests nothing`,
  );
  const twice = [...counts.values()].filter((times) => times > 1).length;
  if (KILLS > 50) console.log(`${KILLS} kills, ${acknowledged.length} got a 250, ${twice} arrived twice`);
  assertEquals([...Deno.readDirSync(`${scene.folder}/queue/large`)].length, 0);
});

Deno.test("smtp answers 451 when the queue's disk is full, never 250, and goes on when there is room", async () => {
  // Nobody listens there yet, so that the queue fills up.
  const reserved = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = reserved.addr;
  reserved.close();
  await using scene = new Scene(application(port));
  using disk = mountTmpfs(`${scene.folder}/queue`);
  if (disk === null) return;
  await using app = scene.serve();
  const server = Number(await app.port("smtp"));
  const sent: Sent = new Map();
  let count = 0;
  let refused = 0;
  while (refused < 3) {
    await send(
      server,
      "x@there.test",
      () => {
        assert(count < 40, "the disk is never full");
        return { id: `f${++count}`, size: 60_000 };
      },
      sent,
      (code) => {
        assert(code === "250" || code === "451", code);
        if (code === "451") refused++;
        return refused < 3;
      },
    );
  }
  const acknowledged = [...sent].filter(([, { acknowledged }]) => acknowledged).map(([id]) => id);
  assert(acknowledged.length > 3);
  const found = await readQueue(`${scene.folder}/queue`, systemQueueFiles);
  assertEquals(found.state.entries.size, acknowledged.length, "what was refused is in the queue");
  await using sink = new MailSink(port);
  await untilEmpty(scene.folder);
  assertEquals([...sink.counts().keys()].sort(), acknowledged.sort());
  assertEquals([...sink.counts().values()].filter((times) => times !== 1), []);
});
