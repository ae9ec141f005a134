import fc from "fast-check";
import { throttle, type ThrottleOptions } from "../../../../services/protocol/policies/throttle.ts";
import { Protocol } from "../../../../services/protocol/protocol.ts";
import type { Producer } from "../../../../services/reactor/transport.ts";
import { Clock } from "../../../../services/async/clock.ts";
import { StringTransport } from "../../../../services/testing/string_transport.ts";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "../../../assert.ts";
import { checkProperty } from "../../../property.ts";
import { accepted, Recorder } from "./peers.ts";

function connected(options: ThrottleOptions, inner: Recorder = new Recorder()) {
  const clock = new Clock();
  const beneath = accepted(throttle(() => inner, options, clock));
  return { clock, inner, beneath };
}

/** So many bytes, no two neighbours alike. */
function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

class RecordingProducer implements Producer {
  readonly calls: string[] = [];
  pauseProducing(): void {
    this.calls.push("pause");
  }
  resumeProducing(): void {
    this.calls.push("resume");
  }
  stopProducing(): void {
    this.calls.push("stop");
  }
}

/** How many bytes of a ready peer get through in `ms`. */
function readIn(ms: number, clock: Clock, transports: StringTransport[]): number {
  const before = transports.reduce((sum, transport) => sum + transport.bytesRead, 0);
  for (const transport of transports) {
    for (let i = 0; i < 200; i++) transport.receive(bytes(1000));
  }
  clock.advance(ms);
  return transports.reduce((sum, transport) => sum + transport.bytesRead, 0) - before;
}

Deno.test("throttle pauses reading, so that on average no more than the rate comes in", () => {
  const { clock, beneath } = connected({ readBytesPerSecond: 10_000 });
  const read = readIn(10_000, clock, [beneath]);
  assert(read >= 98_000 && read <= 103_000, `${read}`);
});

Deno.test("throttle shares its rates among the connections of the factory", () => {
  const clock = new Clock();
  const factory = throttle(
    () => new Recorder(),
    { readBytesPerSecond: 10_000, writeBytesPerSecond: 10_000 },
    clock,
  );
  const transports = [accepted(factory), accepted(factory), accepted(factory), accepted(factory)];
  const read = readIn(10_000, clock, transports);
  assert(read >= 96_000 && read <= 106_000, `${read}`);
  for (const transport of transports) assert(transport.bytesRead >= 20_000, `${transport.bytesRead}`);
});

Deno.test("throttle per connection gives each the whole rate", () => {
  const clock = new Clock();
  const factory = throttle(() => new Recorder(), { readBytesPerSecond: 10_000, per: "connection" }, clock);
  const read = readIn(5_000, clock, [accepted(factory), accepted(factory)]);
  assert(read >= 98_000 && read <= 106_000, `${read}`);
});

Deno.test("throttle reads on only when neither it nor the protocol holds reading up", () => {
  const { clock, inner, beneath } = connected({ readBytesPerSecond: 1_000 });
  beneath.receive(bytes(1_000));
  assertStrictEquals(beneath.producerState, "paused");
  inner.transport.pauseProducing();
  clock.advance(5_000);
  assertStrictEquals(beneath.producerState, "paused");
  inner.transport.resumeProducing();
  assertStrictEquals(beneath.producerState, "producing");
  inner.transport.pauseProducing();
  inner.transport.resumeProducing();
  assertStrictEquals(beneath.producerState, "producing");
});

Deno.test("throttle lets a write within the rate through at once", () => {
  const { inner, beneath } = connected({ writeBytesPerSecond: 1_000 });
  inner.transport.write(bytes(50));
  assertStrictEquals(beneath.bytesWritten, 50);
});

Deno.test("throttle sends every byte in order, no faster than the rate and no slower", () => {
  const writes = fc.array(fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.nat(300)), {
    minLength: 1,
    maxLength: 15,
  });
  checkProperty(fc.property(writes, fc.integer({ min: 100, max: 20_000 }), (writes, rate) => {
    const { clock, inner, beneath } = connected({ writeBytesPerSecond: rate });
    const expected: number[] = [];
    for (const [length, pause] of writes) {
      const chunk = bytes(length);
      expected.push(...chunk);
      inner.transport.write(chunk);
      clock.advance(pause);
      const most = rate * (clock.now() / 1000 + 0.2) + 1;
      assert(beneath.bytesWritten <= most, `${beneath.bytesWritten} of ${most}`);
      assertStrictEquals(inner.transport.bufferedBytes, expected.length - beneath.bytesWritten);
    }
    clock.advance(expected.length / rate * 1000 + 1_000);
    assertEquals([...beneath.value()], expected);
    assertEquals(clock.pending, []);
  }));
});

/** So many connections that share a write rate, and their protocols. */
function sharing(count: number, writeBytesPerSecond: number) {
  const clock = new Clock();
  const inners: Recorder[] = [];
  const factory = throttle(() => inners[inners.push(new Recorder()) - 1]!, { writeBytesPerSecond }, clock);
  const transports = Array.from({ length: count }, () => accepted(factory));
  return { clock, inners, written: () => transports.map((transport) => transport.bytesWritten) };
}

Deno.test("throttle shares a write rate fairly among those who wait", () => {
  const { clock, inners, written } = sharing(5, 10_000);
  for (const inner of inners) inner.transport.write(bytes(50_000));
  clock.advance(5_000);
  for (const each of written()) assert(Math.abs(each - 10_000) < 500, `${written()}`);
});

Deno.test("throttle lets all who wait go on soon, however many there are", () => {
  const { clock, inners, written } = sharing(50, 10_000);
  for (const inner of inners) inner.transport.write(bytes(5_000));
  clock.advance(300);
  for (const each of written()) assert(each > 20, `${written()}`);
});

Deno.test("throttle lets nobody overtake those who wait", () => {
  const { clock, inners, written } = sharing(2, 10_000);
  inners[0]!.transport.write(bytes(50_000));
  clock.advance(51);
  inners[1]!.transport.write(bytes(100));
  assertStrictEquals(written()[1], 0);
  clock.advance(100);
  assertStrictEquals(written()[1], 100);
});

Deno.test("throttle saves up no more than a fraction of a second", () => {
  const { clock, inner, beneath } = connected({ writeBytesPerSecond: 10_000 });
  clock.advance(60_000);
  inner.transport.write(bytes(10_000));
  clock.advance(50);
  assert(beneath.bytesWritten <= 2_000, `${beneath.bytesWritten}`);
});

Deno.test("throttle leaves its share to others while the peer does not read", async () => {
  class Blocked extends StringTransport {
    override bufferedBytes = 1_000_000;
    readonly #unblocked = Promise.withResolvers<void>();
    override drained(): Promise<void> {
      return this.#unblocked.promise;
    }
    unblock(): void {
      this.bufferedBytes = 0;
      this.#unblocked.resolve();
    }
  }
  const clock = new Clock();
  const inner = new Recorder();
  const factory = throttle(() => inner, { writeBytesPerSecond: 1_000 }, clock);
  const protocol = factory.buildProtocol({ transport: "stdio" })!;
  const beneath = new Blocked({ protocol });
  protocol.makeConnection(beneath);
  inner.transport.write(bytes(500));
  clock.advance(10_000);
  assertEquals([beneath.bytesWritten, clock.pending], [0, []]);
  beneath.unblock();
  await clock.advanceAsync(1_000);
  assertStrictEquals(beneath.bytesWritten, 500);
});

Deno.test("throttle forgets a connection that is lost while its reading is held up", () => {
  const { clock, beneath } = connected({ readBytesPerSecond: 100 });
  beneath.receive(bytes(1_000));
  assertEquals(clock.pending.length, 1);
  beneath.lose();
  assertEquals(clock.pending, []);
});

Deno.test("throttle flushes what it holds back before it closes, and hears nothing meanwhile", () => {
  const { clock, inner, beneath } = connected({ writeBytesPerSecond: 1_000 });
  inner.transport.write(bytes(1_000));
  inner.transport.loseConnection();
  assertEquals([inner.transport.state, beneath.state], ["closing", "open"]);
  inner.transport.write(bytes(1));
  beneath.receive("too late");
  beneath.receiveEnd();
  clock.advance(1_100);
  assertStrictEquals(beneath.bytesWritten, 1_000);
  assertEquals(inner.events, ["made", "lost: Connection was closed cleanly"]);
});

Deno.test("throttle flushes what it holds back before it ends writing", () => {
  const { clock, inner, beneath } = connected({ writeBytesPerSecond: 1_000 });
  inner.transport.write(bytes(1_000));
  inner.transport.loseWriteConnection();
  inner.transport.write(bytes(1));
  assertStrictEquals(beneath.writeEnded, false);
  clock.advance(1_100);
  assertEquals([beneath.bytesWritten, beneath.writeEnded, beneath.state], [1_000, true, "open"]);
});

Deno.test("throttle pauses and resumes the producer, and waits for it before it closes", () => {
  const { clock, inner, beneath } = connected({ writeBytesPerSecond: 100_000 });
  const producer = new RecordingProducer();
  inner.transport.registerProducer(producer);
  inner.transport.write(bytes(100_000));
  assertEquals([producer.calls, beneath.producerState], [["pause"], "producing"]);
  inner.transport.loseConnection();
  clock.advance(800);
  assertEquals(producer.calls, ["pause"]);
  clock.advance(400);
  assertEquals([producer.calls, beneath.state], [["pause", "resume"], "open"]);
  inner.transport.write(bytes(5));
  inner.transport.unregisterProducer();
  clock.advance(1_000);
  assertEquals([beneath.bytesWritten, beneath.state], [100_005, "closed"]);
});

Deno.test("throttle reads no more while the peer does not take the answers, unless a producer is paused", () => {
  const { clock, inner, beneath } = connected({ writeBytesPerSecond: 100_000 });
  inner.transport.write(bytes(100_000));
  assertStrictEquals(beneath.producerState, "paused");
  clock.advance(800);
  assertStrictEquals(beneath.producerState, "paused");
  clock.advance(200);
  assertStrictEquals(beneath.producerState, "producing");
});

Deno.test("throttle tells its producer and who waits for the drain when the connection is lost", async () => {
  const { clock, inner, beneath } = connected({ writeBytesPerSecond: 100 });
  const producer = new RecordingProducer();
  inner.transport.registerProducer(producer);
  inner.transport.write(bytes(1_000));
  const drained = inner.transport.drained();
  beneath.lose();
  await drained;
  assertEquals(producer.calls, ["stop"]);
  assertEquals(clock.pending, []);
  inner.transport.write(bytes(1));
  assertEquals(clock.pending, []);
});

Deno.test("throttle aborts over its hard limit", () => {
  const { inner, beneath } = connected({ writeBytesPerSecond: 1 });
  for (let i = 0; i < 18; i++) inner.transport.write(new Uint8Array(1024 * 1024));
  assertStrictEquals(beneath.lostReason?.message, "More than 16777216 bytes wait for the write rate");
});

Deno.test("throttle copies a lent chunk that it holds back", () => {
  class Echo extends Recorder {
    override readonly borrowsData = true;
    override dataReceived(data: Uint8Array): void {
      this.transport.write(data);
    }
  }
  const { clock, beneath } = connected({ writeBytesPerSecond: 10 }, new Echo());
  for (const chunk of ["one ", "two ", "three"]) beneath.receive(chunk);
  clock.advance(5_000);
  assertStrictEquals(beneath.text(), "one two three");
});

Deno.test("throttle starts TLS after what it holds back", async () => {
  const { clock, inner, beneath } = connected({ writeBytesPerSecond: 100 });
  inner.transport.write(bytes(100));
  const secured = inner.transport.startTLS({});
  beneath.receive("injected");
  await clock.advanceAsync(1_000);
  assertStrictEquals((await secured).version, "TLSv1.3");
  assertEquals([beneath.bytesWritten, beneath.producerState, inner.events], [100, "producing", ["made"]]);
});

Deno.test("throttle wants positive rates", () => {
  for (const rate of [0, -1, NaN, Infinity]) {
    assertThrows(() => throttle(() => new Protocol(), { readBytesPerSecond: rate }, new Clock()), RangeError);
    assertThrows(
      () => throttle(() => new Protocol(), { writeBytesPerSecond: rate }, new Clock()),
      RangeError,
    );
  }
});
