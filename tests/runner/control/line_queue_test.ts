import { LineQueue } from "../../../runner/control/line_queue.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("LineQueue hands on values as lines, joined where they waited, until it is ended", async () => {
  const lines = new LineQueue(() => {});
  const first = lines.next();
  lines.push({ a: 1 });
  assertEquals((await first).value, '{"a":1}\n');
  lines.push(1);
  lines.push(2);
  lines.end();
  assertEquals((await lines.next()).value, "1\n2\n");
  assertEquals((await lines.next()).done, true);
});

Deno.test("LineQueue drops what a slow reader leaves, and tells how much", async () => {
  const lines = new LineQueue(() => {});
  for (let i = 0; i < 1_500; i++) lines.push(i);
  assertEquals((await lines.next()).value!.split("\n").length, 1_001);
  lines.push("more");
  assertEquals((await lines.next()).value, '{"lost":500}\n"more"\n');
});

Deno.test("LineQueue tells when its reader leaves, even while that waits", async () => {
  let left = false;
  const lines = new LineQueue(() => left = true);
  const waiting = lines.next();
  await lines.return();
  assertEquals([(await waiting).done, left], [true, true]);
});
