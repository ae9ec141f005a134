import { WriteQueue } from "../../../services/reactor/_write_queue.ts";
import { assertEquals, assertStrictEquals } from "../../assert.ts";
import { assertBytes, pattern } from "./peers.ts";

Deno.test("WriteQueue joins small chunks up to 64 KiB, and hands a larger one out uncopied", async () => {
  const queue = new WriteQueue();
  const large = pattern(100_000);
  const chunks = [pattern(10), pattern(60_000), pattern(10_000), large, pattern(5)];
  for (const chunk of chunks) queue.push(chunk);
  const taken: Uint8Array[] = [];
  while (queue.size > 0) taken.push(queue.take());
  assertEquals(taken.map(({ length }) => length), [60_010, 10_000, 100_000, 5]);
  assertStrictEquals(taken[2], large);
  const sent = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
  await assertBytes(taken, sent);
});
