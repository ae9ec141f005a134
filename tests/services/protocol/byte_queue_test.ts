import fc from "fast-check";
import { ByteQueue } from "../../../services/protocol/byte_queue.ts";
import { assertEquals, assertStrictEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

type Step =
  | { do: "push" | "unshift"; bytes: Uint8Array }
  | { do: "take" | "skip"; length: number }
  | { do: "own" | "clear" };

const bytes = fc.uint8Array({ max: 3, maxLength: 80 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("push" as const), bytes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unshift" as const), bytes }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("take", "skip"), length: fc.nat(90) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("own", "own", "own", "clear") }) },
);

/** A view of a larger buffer, as reactors give them. */
function asView(content: Uint8Array): Uint8Array {
  const memory = new Uint8Array(content.length + 200).fill(9);
  memory.set(content, 7);
  return memory.subarray(7, 7 + content.length);
}

Deno.test("ByteQueue behaves like an array of numbers, and leaves alone what it took in and gave out", () => {
  checkProperty(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const queue = new ByteQueue();
    let model: number[] = [];
    const views: Array<{ view: Uint8Array; memory: number[] }> = [];
    const remember = (view: Uint8Array) => views.push({ view, memory: [...view] });
    for (const step of steps) {
      switch (step.do) {
        case "push":
        case "unshift": {
          const chunk = asView(step.bytes);
          remember(new Uint8Array(chunk.buffer));
          queue[step.do](chunk);
          model = step.do === "push" ? [...model, ...step.bytes] : [...step.bytes, ...model];
          break;
        }
        case "take": {
          const taken = queue.take(Math.min(step.length, queue.length));
          assertEquals([...taken], model.splice(0, step.length));
          remember(taken);
          break;
        }
        case "skip":
          assertStrictEquals(queue.skip(step.length), model.splice(0, step.length).length);
          break;
        case "own":
          queue.own();
          break;
        case "clear":
          queue.clear();
          model = [];
      }
      assertStrictEquals(queue.length, model.length);
      assertStrictEquals(queue.at(3), model[3]);
      const text = String.fromCharCode(...model);
      assertStrictEquals(queue.indexOf(Uint8Array.of(1, 2)), text.indexOf("\x01\x02"));
      assertStrictEquals(
        queue.indexOf(Uint8Array.of(0), Math.min(5, model.length)),
        text.indexOf("\x00", Math.min(5, model.length)),
      );
    }
    for (const { view, memory } of views) assertEquals([...view], memory);
  }));
});

Deno.test("ByteQueue does not copy a chunk from which whole messages are taken", () => {
  const queue = new ByteQueue();
  const chunk = Uint8Array.of(1, 2, 3);
  queue.push(chunk);
  assertStrictEquals(queue.take(2).buffer, chunk.buffer);
  assertStrictEquals(queue.take(1).buffer, chunk.buffer);
});

Deno.test("ByteQueue lets go of a chunk once it owns the rest", () => {
  const queue = new ByteQueue();
  const chunk = Uint8Array.of(1, 2, 3);
  queue.push(chunk);
  queue.skip(1);
  queue.own();
  chunk.fill(0);
  assertEquals([...queue.take(2)], [2, 3]);
});
