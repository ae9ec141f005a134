import { mailQueue } from "../../../services/mail/mail_queue.ts";
import { add, message, QueueScene } from "../../services/mail/queue/_scene.ts";
import { RelayScene } from "../../plugins/smtp/relay/_scene.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { heddle } from "./recording_io.ts";

Deno.test("heddle mail queue list tells what waits, in words and as JSON", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  const where = ["--queue", scene.folder];
  assertEquals((await heddle(["mail", "queue", "list", ...where])).stdout, "No mail is waiting\n");
  const entry = await add(queue, message("k3x", "jane@there.test", "joe@there.test"));
  const results = new Map([[entry.recipients[0]!, { state: "failed", answer: "550 no\u001b[2J" } as const]]);
  await queue.record(entry, { attempts: 1, nextAttempt: 61_000, results }, [], 1000);
  assertEquals(
    (await heddle(["mail", "queue", "list", ...where])).stdout,
    [
      "k3x  1970-01-01T00:00:01Z  14 bytes  from alice@here.test, next attempt 1970-01-01T00:01:01Z",
      "  failed    jane@there.test: 550 no?[2J",
      "  waiting   joe@there.test",
      "",
    ].join("\n"),
  );
  const [listed] = JSON.parse((await heddle(["mail", "queue", "list", "--json", ...where])).stdout);
  assertEquals([listed.id, listed.attempts, listed.recipients[0].state], ["k3x", 1, "failed"]);
});

Deno.test("heddle mail queue retry and drop change a queue that no server has", async () => {
  await using scene = new QueueScene();
  const queue = await scene.open();
  const entry = await add(queue, message("one"));
  await add(queue, message("two"));
  await queue.record(entry, { attempts: 3, nextAttempt: 9e12, results: new Map() }, [], 0);
  await queue.close();
  const run = (...args: string[]) => heddle(["mail", "queue", ...args, "--queue", scene.folder]);
  assertEquals((await run("retry", "one")).stdout, "1 message to be tried now\n");
  const dropped = await run("drop", "two", "nonsense");
  assertEquals([dropped.status, dropped.stdout], [66, "1 message dropped, 1 not found\n"]);
  const again = await scene.open();
  assertEquals(
    [...again.entries.values()].map(({ id, nextAttempt, attempts }) => [id, nextAttempt, attempts]),
    [
      ["one", 0, 3],
    ],
  );
});

Deno.test("heddle mail queue has a server that is at work do it", async () => {
  await using scene = new RelayScene();
  await scene.start({ listening: false });
  for (const to of ["one@there.test", "two@there.test"]) await scene.send({ to: [to] });
  const folder = `${scene.folder}/queue`;
  const listed = JSON.parse((await heddle(["mail", "queue", "list", "--json", "--queue", folder])).stdout);
  assertEquals(listed.length, 2);
  // The server looks by its own clock.
  const meanwhile = async <T>(result: Promise<T>): Promise<T> => {
    let over = false;
    result.finally(() => over = true);
    while (!over) {
      await scene.app.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return await result;
  };
  const drop = await meanwhile(heddle(["mail", "queue", "drop", listed[0].id, "--queue", folder]));
  assertEquals([drop.status, drop.stdout], [0, "1 message dropped\n"]);
  await scene.listen();
  const retry = await meanwhile(heddle(["mail", "queue", "retry", "--queue", folder]));
  assertEquals(retry.stdout, "1 message to be tried now\n");
  assertEquals((await scene.next.took(1))[0]!.to, ["two@there.test"]);
  assertEquals(scene.app.get(mailQueue) === scene.queue, true);
});

Deno.test("heddle mail queue says what is wrong with its words", async () => {
  const none = await heddle(["mail", "queue", "list", "--queue", "/absent"]);
  assertEquals([none.status, none.stderr], [
    66,
    'Cannot read queue "/absent": no such folder; name it with --queue\n',
  ]);
  const odd = await heddle(["mail", "queue", "lst"]);
  assertEquals(odd.status, 64);
  assertStringIncludes(odd.stderr, 'Unknown action "lst"');
  await using scene = new QueueScene();
  await scene.open();
  const bare = await heddle(["mail", "queue", "drop", "--queue", scene.folder]);
  assertEquals(bare.status, 64);
  assert(bare.stderr.startsWith("Missing operand: name the messages to drop\n"));
});
