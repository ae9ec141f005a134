import { ReadBuffer, ReadBuffers } from "../../../services/reactor/_read_buffers.ts";
import { assert, assertEquals } from "../../assert.ts";

const SMALL = 1_024;
const MIDDLE = 4_096;
const LARGE = 65_536;

/** Read `sizes` in turn; the sizes of the buffers that each read was given. */
function read(buffer: ReadBuffer, ...sizes: number[]): number[] {
  return sizes.map((size) => {
    const { length } = buffer.next();
    buffer.filled(Math.min(size, length));
    return length;
  });
}

Deno.test("ReadBuffer waits with a small buffer, and takes a large one while that is not enough", () => {
  const buffer = new ReadBuffer(new ReadBuffers());
  assertEquals(read(buffer, 10, 1_023, SMALL, LARGE, LARGE, 100), [SMALL, SMALL, SMALL, LARGE, LARGE, LARGE]);
  assertEquals(buffer.next().length, SMALL);
});

Deno.test("ReadBuffer reads into the same small buffer as long as that does", () => {
  const buffer = new ReadBuffer(new ReadBuffers());
  const first = buffer.next();
  buffer.filled(10);
  assert(buffer.next() === first);
});

Deno.test("what was read is a view of its buffer; of the small one the same, when as much comes again", () => {
  const buffer = new ReadBuffer(new ReadBuffers());
  const small = buffer.next();
  const part = buffer.part(small, 10);
  assertEquals([part.buffer === small.buffer, part.byteOffset, part.length], [true, 0, 10]);
  assert(buffer.part(small, 10) === part);
  assertEquals(buffer.part(small, 11).length, 11);
  buffer.filled(SMALL);
  const large = buffer.next();
  assertEquals(large.length, LARGE);
  assert(buffer.part(large, 11).buffer === large.buffer);
  assert(buffer.part(large, 11) !== buffer.part(large, 11));
});

Deno.test("a single burst does not pin the large buffer", () => {
  const lender = new ReadBuffers();
  for (let i = 0; i < 1_000; i++) {
    const buffer = new ReadBuffer(lender);
    assertEquals(read(buffer, SMALL, 60_000), [SMALL, LARGE]);
    assertEquals(buffer.next().length, SMALL);
  }
});

Deno.test("after four bursts in a row a connection waits with the large buffer, until eight small reads", () => {
  const buffer = new ReadBuffer(new ReadBuffers());
  for (let i = 0; i < 4; i++) assertEquals(read(buffer, SMALL, 5_000), [SMALL, LARGE]);
  assertEquals(read(buffer, 5_000, 5_000, 5_000), [LARGE, LARGE, LARGE]);
  assertEquals(read(buffer, ...Array<number>(8).fill(64)), Array<number>(8).fill(LARGE));
  assertEquals(buffer.next().length, SMALL);
});

Deno.test("small reads between the bursts end a run of bursts", () => {
  const buffer = new ReadBuffer(new ReadBuffers());
  for (let i = 0; i < 20; i++) {
    assertEquals(read(buffer, SMALL, 5_000), [SMALL, LARGE]);
    assertEquals(read(buffer, ...Array<number>(8).fill(64)), Array<number>(8).fill(SMALL));
  }
});

Deno.test("ReadBuffers lends 256 large buffers, then middling ones, and large ones again when some are back", () => {
  const lender = new ReadBuffers();
  const greedy = Array.from({ length: 300 }, () => new ReadBuffer(lender));
  const lengths = greedy.map((buffer) => read(buffer, SMALL, LARGE)[1]);
  assertEquals(lengths.filter((length) => length === LARGE).length, 256);
  assertEquals(lengths.filter((length) => length === MIDDLE).length, 44);
  greedy[0]!.release();
  greedy[299]!.release();
  assertEquals(read(new ReadBuffer(lender), SMALL, LARGE), [SMALL, LARGE]);
  assertEquals(read(new ReadBuffer(lender), SMALL, LARGE), [SMALL, MIDDLE]);
});

Deno.test("no buffer is lent to two connections at once", () => {
  const lender = new ReadBuffers();
  const all = Array.from({ length: 100 }, () => new ReadBuffer(lender));
  for (let round = 0; round < 3; round++) {
    const lent = all.map((buffer) => {
      read(buffer, SMALL);
      return buffer.next();
    });
    assertEquals(new Set(lent).size, all.length);
    for (const buffer of all) {
      buffer.release();
      buffer.release();
    }
  }
});

Deno.test("what a write may still look at is not lent again, and no longer counts as lent", () => {
  const lender = new ReadBuffers();
  for (let i = 0; i < 300; i++) {
    const buffer = new ReadBuffer(lender);
    read(buffer, SMALL);
    const lent = buffer.next();
    assertEquals(lent.length, LARGE);
    buffer.abandon();
    const next = new ReadBuffer(lender);
    read(next, SMALL);
    assert(next.next() !== lent);
    next.release();
  }
});

Deno.test("an abandoned small buffer is not read into again", () => {
  const buffer = new ReadBuffer(new ReadBuffers());
  const first = buffer.next();
  buffer.filled(10);
  buffer.abandon();
  assert(buffer.next() !== first);
});
