import { readQueue } from "../../../../services/mail/queue/read_queue.ts";
import { systemQueueFiles } from "../../../../services/mail/queue/queue_files.ts";
import { assert, assertEquals, assertRejects } from "../../../assert.ts";
import { watchedQueueFiles } from "../_failing_files.ts";
import { add, contentOf, deliver, message, QueueScene } from "./_scene.ts";

const LARGE = "0123456789abcdef".repeat(20_000);
const FIRST = "journal-000000001";

Deno.test("DurableQueue has after a kill what was added, whole, whatever its size", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  await Promise.all([
    add(queue, message("small", "a@x.test", "b@x.test")),
    add(queue, message("empty"), ""),
    add(queue, { ...message("large"), prefix: "DKIM-Signature: x\r\n" }, LARGE),
  ]);
  const again = await scene.open();
  assertEquals([...again.entries.keys()].sort(), ["empty", "large", "small"]);
  assertEquals(await contentOf(again, "small"), "Subject: small\r\n");
  assertEquals(await contentOf(again, "empty"), "");
  assertEquals(await contentOf(again, "large"), `DKIM-Signature: x\r\n${LARGE}`);
  const { recipients, sender, attempts } = again.entries.get("small")!;
  assertEquals([sender, attempts, recipients.map(({ address, state }) => [address, state])], [
    "alice@here.test",
    0,
    [["a@x.test", "waiting"], ["b@x.test", "waiting"]],
  ]);
});

Deno.test("DurableQueue writes a message once, however many its recipients, and many messages with few flushes", async () => {
  await using scene = new QueueScene();
  let flushes = 0;
  const files = watchedQueueFiles((call) => void (call === "sync" && flushes++));
  const queue = await scene.open({ files });
  await add(queue, message("warm-up"));
  flushes = 0;
  const text = "x".repeat(50_000);
  const many = Array.from({ length: 100 }, (_, at) => `r${at}@x.test`);
  await Promise.all(Array.from({ length: 64 }, (_, at) => add(queue, message(`m${at}`, ...many), text)));
  assert(flushes <= 4, `${flushes} flushes`);
  const size = scene.files()[FIRST]!;
  assert(size > 64 * 50_000 && size < 64 * 70_000, `${size} octets`);
});

Deno.test("DurableQueue remembers who has got a message, and forgets it when all have", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  const entry = await add(queue, message("m", "a@x.test", "b@x.test"), LARGE);
  await deliver(queue, entry, [entry.recipients[0]!]);
  const again = await scene.open();
  const found = again.entries.get("m")!;
  assertEquals(found.recipients.map(({ state, answer }) => [state, answer]), [["delivered", "250 ok"], [
    "waiting",
    null,
  ]]);
  assertEquals([found.attempts, found.nextAttempt], [1, 2000]);
  await deliver(again, found, [found.recipients[1]!]);
  assertEquals([again.entries.size, scene.files("large")], [0, {}]);
  assertEquals((await scene.open()).entries.size, 0);
});

Deno.test("DurableQueue drops a message for good", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  const entry = await add(queue, message("m"));
  await add(queue, message("other"));
  await queue.drop(entry);
  assertEquals([...(await scene.open()).entries.keys()], ["other"]);
});

Deno.test("DurableQueue takes in reports together with what they report", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  const entry = await add(queue, message("m"));
  const results = new Map([[entry.recipients[0]!, { state: "failed", answer: "550 no" } as const]]);
  const report = { entry: message("report"), eightBit: false, content: new TextEncoder().encode("sorry") };
  await queue.record(entry, { attempts: 1, nextAttempt: 2000, results }, [report], 1000);
  const again = await scene.open();
  assertEquals([...again.entries.keys()], ["report"]);
  assertEquals(await contentOf(again, "report"), "sorry");
});

Deno.test("DurableQueue leaves out a record that was torn, wherever, and none before it", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  await add(queue, message("first"));
  const whole = scene.files()[FIRST]!;
  await add(queue, message("second"));
  const bytes = Deno.readFileSync(`${scene.folder}/${FIRST}`);
  for (let length = whole; length < bytes.length; length++) {
    Deno.writeFileSync(`${scene.folder}/${FIRST}`, bytes.subarray(0, length));
    const { state, torn } = await readQueue(scene.folder, systemQueueFiles);
    assertEquals([...state.entries.keys()], ["first"], `cut to ${length} octets`);
    assertEquals(torn.map(({ octets }) => octets), length === whole ? [] : [length - whole]);
  }
});

Deno.test("DurableQueue takes no noise and no zeros for a record", async () => {
  await using scene = new QueueScene();
  await add(await scene.open(), message("first"));
  const bytes = Deno.readFileSync(`${scene.folder}/${FIRST}`);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 0x40;
    Deno.writeFileSync(`${scene.folder}/${FIRST}`, damaged);
    assertEquals((await readQueue(scene.folder, systemQueueFiles)).state.entries.size, 0, `octet ${at}`);
  }
  Deno.writeFileSync(`${scene.folder}/${FIRST}`, new Uint8Array([...bytes, ...new Uint8Array(4096)]));
  const { state, torn } = await readQueue(scene.folder, systemQueueFiles);
  assertEquals([state.entries.size, torn], [1, [{ file: FIRST, octets: 4096 }]]);
});

Deno.test("DurableQueue removes what was left of messages that never got in", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  const draft = queue.draft("half");
  await draft.write(new TextEncoder().encode(LARGE));
  assertEquals(Object.keys(scene.files("large")), ["half"]);
  const again = await scene.open();
  assertEquals([scene.files("large"), again.entries.size], [{}, 0]);
  await draft.discard();
});

for (const failing of ["write", "sync"] as const) {
  for (const truncates of [true, false]) {
    const also = truncates ? "" : ", and cannot take it back";
    Deno.test(`DurableQueue has nothing of what it refused because ${failing} failed${also}`, async () => {
      await using scene = new QueueScene();
      let armed = false;
      const files = watchedQueueFiles((call, path) => {
        if (!armed) return;
        if (call === failing && path.includes("journal")) throw new Error("Input/output error");
        if (call === "truncate" && !truncates) throw new Error("Input/output error");
      });
      const queue = await scene.open({ files });
      await add(queue, message("before"));
      armed = true;
      const refused = ["one", "two"].map((id) =>
        assertRejects(() => add(queue, message(id)), Error, "Input/output")
      );
      await Promise.all(refused);
      assertEquals([...queue.entries.keys()], ["before"]);
      armed = false;
      await add(queue, message("after"));
      assertEquals([...(await scene.open()).entries.keys()], ["before", "after"]);
    });
  }
}

Deno.test("DurableQueue leaves no file behind for what it refuses on a disk that stays full", async () => {
  await using scene = new QueueScene();
  let armed = false;
  const files = watchedQueueFiles((call) => {
    if (armed && call === "write") throw new Error("No space left on device");
  });
  const queue = await scene.open({ files });
  armed = true;
  for (let i = 0; i < 5; i++) await assertRejects(() => add(queue, message(`m${i}`)), Error, "No space");
  await assertRejects(() => add(queue, message("large"), LARGE), Error, "No space");
  assertEquals([scene.files(), scene.files("large")], [{}, {}]);
});

Deno.test("DurableQueue removes segments in which nothing waits, the oldest first", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open({ segmentSize: 1000 });
  const text = "x".repeat(600);
  const entries = [];
  for (let at = 0; at < 10; at++) entries.push(await add(queue, message(`m${at}`), text));
  assert(Object.keys(scene.files()).length >= 5);
  for (const entry of entries) await deliver(queue, entry);
  await queue.close();
  assert(Object.keys(scene.files()).length <= 2, JSON.stringify(scene.files()));
  assertEquals((await scene.open()).entries.size, 0);
});

Deno.test("DurableQueue copies what waits for long together, and keeps what it knew of it", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open({ segmentSize: 1000 });
  const text = "x".repeat(300);
  const old = await add(queue, message("old", "a@x.test", "b@x.test"), text);
  await deliver(queue, old, [old.recipients[0]!]);
  for (let at = 0; at < 100; at++) await deliver(queue, await add(queue, message(`m${at}`), text));
  const again = await scene.open();
  const size = Object.values(scene.files()).reduce((sum, size) => sum + size, 0);
  assert(size < 10_000, `${size} octets for one message`);
  const found = again.entries.get("old")!;
  assertEquals([again.entries.size, found.recipients.map(({ state }) => state)], [1, [
    "delivered",
    "waiting",
  ]]);
  assertEquals(await contentOf(again, "old"), text);
  await deliver(again, found, [found.recipients[1]!]);
  assertEquals((await scene.open()).entries.size, 0);
});

Deno.test("DurableQueue finishes what is under way when it is closed, and takes nothing after that", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  const adding = Promise.all(["a", "b"].map((id) => add(queue, message(id))));
  await Promise.resolve();
  await queue.close();
  await adding.catch(() => {});
  await assertRejects(() => add(queue, message("late")), Error, "Cannot write to the queue: it is closed");
  const again = await scene.open();
  assertEquals(again.entries.has("late"), false);
});

Deno.test("DurableQueue does not bring back by a copy what is dropped meanwhile", async () => {
  await using scene = new QueueScene();
  let dropping: Promise<void> | null = null;
  const files = watchedQueueFiles((call) => {
    if (call === "readAt") dropping ??= queue.drop(old);
  });
  const queue = await scene.open({ files, segmentSize: 1000 });
  const old = await add(queue, message("old"), "x".repeat(300));
  for (let at = 0; dropping === null; at++) {
    await deliver(queue, await add(queue, message(`m${at}`), "x".repeat(300)));
  }
  await dropping;
  await queue.close();
  assertEquals((await scene.open()).entries.size, 0);
});
