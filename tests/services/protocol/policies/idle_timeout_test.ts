import { idleTimeout } from "../../../../services/protocol/policies/idle_timeout.ts";
import { Clock } from "../../../../services/async/clock.ts";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "../../../assert.ts";
import { accepted, Recorder } from "./peers.ts";

Deno.test("idleTimeout aborts a silent connection after its time, at most a quarter later", () => {
  const clock = new Clock();
  const transport = accepted(idleTimeout(() => new Recorder(), 8_000, clock));
  clock.advance(7_999);
  assertStrictEquals(transport.state, "open");
  clock.advance(2_001);
  assertStrictEquals(transport.lostReason?.message, "Connection was idle for 8 s");
});

Deno.test("idleTimeout spares connections that read or write, and closes the others", () => {
  const clock = new Clock();
  const factory = idleTimeout(() => new Recorder(), 8_000, clock);
  const [reader, writer, silent] = [accepted(factory), accepted(factory), accepted(factory)];
  for (let i = 0; i < 10; i++) {
    reader.receive("x");
    writer.write(Uint8Array.of(1));
    clock.advance(5_000);
  }
  assertEquals([reader.state, writer.state, silent.state], ["open", "open", "closed"]);
  clock.advance(10_000);
  assertEquals([reader.state, writer.state], ["closed", "closed"]);
});

Deno.test("idleTimeout keeps one timer for all connections, and none without any", () => {
  const clock = new Clock();
  const factory = idleTimeout(() => new Recorder(), 8_000, clock);
  assertEquals(clock.pending.length, 0);
  const transports = Array.from({ length: 50 }, () => accepted(factory));
  clock.advance(3_000);
  assertEquals(clock.pending.length, 1);
  for (const transport of transports) transport.lose();
  assertEquals(clock.pending.length, 0);
  accepted(factory);
  clock.advance(20_000);
  assertEquals(clock.pending.length, 0);
});

Deno.test("idleTimeout wants a positive time", () => {
  for (const ms of [0, -1, NaN, Infinity]) {
    assertThrows(() => idleTimeout(() => null, ms, new Clock()), RangeError, `"${ms}"`);
  }
  assert(idleTimeout(() => null, 0.5, new Clock()));
});
