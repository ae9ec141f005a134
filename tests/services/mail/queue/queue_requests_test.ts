import { lockQueue } from "../../../../services/mail/queue/queue_lock.ts";
import { answerRequests, request } from "../../../../services/mail/queue/queue_requests.ts";
import { assertEquals } from "../../../assert.ts";

Deno.test("request() is answered by who has the queue, and leaves nothing behind", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "requests" });
  const asked = request(folder, { verb: "drop", ids: ["a", "b"] }, { patience: 10_000, interval: 1 });
  const seen: unknown[] = [];
  while (seen.length === 0) {
    await answerRequests(folder, (request) => {
      seen.push(request);
      return Promise.resolve(2);
    });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals([await asked, seen], [2, [{ verb: "drop", ids: ["a", "b"] }]]);
  assertEquals([...Deno.readDirSync(`${folder}/requests`)], []);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("request() withdraws what nobody answers", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "requests" });
  assertEquals(await request(folder, { verb: "retry", ids: [] }, { patience: 3, interval: 1 }), null);
  assertEquals([...Deno.readDirSync(`${folder}/requests`)], []);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("answerRequests() does nothing that makes no sense", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "requests" });
  Deno.mkdirSync(`${folder}/requests`);
  for (
    const [at, text] of ["", "null", "[]", '{"verb":"explode","ids":[]}', '{"verb":"drop","ids":[1]}']
      .entries()
  ) {
    Deno.writeTextFileSync(`${folder}/requests/${at}.ask`, text);
  }
  await answerRequests(folder, () => Promise.reject(new Error("performed")));
  assertEquals([...Deno.readDirSync(`${folder}/requests`)].map(({ name }) => name).sort(), [
    ...["0.done", "1.done", "2.done", "3.done", "4.done"],
  ]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("lockQueue() lets a queue be had by one at a time", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "lock" });
  const lock = await lockQueue(folder);
  assertEquals(await lockQueue(folder), null);
  lock![Symbol.dispose]();
  using again = await lockQueue(folder);
  assertEquals(again === null, false);
  Deno.removeSync(folder, { recursive: true });
});
