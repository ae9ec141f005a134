import type { Factory, FactoryLike } from "../../../../services/protocol/factory.ts";
import { idleTimeout } from "../../../../services/protocol/policies/idle_timeout.ts";
import { limitPerPeer } from "../../../../services/protocol/policies/limit_per_peer.ts";
import { limitTotal } from "../../../../services/protocol/policies/limit_total.ts";
import { throttle } from "../../../../services/protocol/policies/throttle.ts";
import { trafficLog } from "../../../../services/protocol/policies/traffic_log.ts";
import { Clock } from "../../../../services/async/clock.ts";
import fc from "fast-check";
import { assertEquals, assertStrictEquals } from "../../../assert.ts";
import { checkProperty } from "../../../property.ts";
import { accepted, connectTo, Recorder } from "./peers.ts";

type Policy = (factory: FactoryLike, clock: Clock) => Factory;

const policies: Record<string, Policy> = {
  idleTimeout: (factory, clock) => idleTimeout(factory, 8_000, clock),
  limitPerPeer: (factory) => limitPerPeer(factory, 3),
  limitTotal: (factory) => limitTotal(factory, 2),
  throttle: (factory, clock) =>
    throttle(factory, { readBytesPerSecond: 1e6, writeBytesPerSecond: 1e6 }, clock),
  trafficLog: (factory) => trafficLog(factory, () => {}),
};

const names = Object.keys(policies);

for (const name of names) {
  Deno.test(`${name} hands on every event, the bytes, and what the protocol declares`, () => {
    class Borrower extends Recorder {
      override readonly borrowsData = true;
    }
    for (const inner of [new Recorder(), new Borrower()]) {
      const hooks: string[] = [];
      const factory = policies[name]!({
        buildProtocol: () => inner,
        startFactory: () => hooks.push("start"),
        stopFactory: () => hooks.push("stop"),
      }, new Clock());
      factory.startFactory?.();
      const protocol = factory.buildProtocol({ transport: "stdio" })!;
      assertStrictEquals(protocol.borrowsData, inner.borrowsData);
      const transport = accepted(() => protocol);
      transport.receive("data");
      protocol.drainRequested();
      transport.receiveEnd();
      inner.transport.write(new TextEncoder().encode("answer"));
      inner.transport.loseConnection();
      factory.stopFactory?.();
      assertEquals(inner.events, ["made", "data", "drain", "end", "lost: Connection was closed cleanly"]);
      assertStrictEquals(transport.text(), "answer");
      assertEquals(hooks, ["start", "stop"]);
    }
  });
}

Deno.test("policies compose in any order", () => {
  checkProperty(fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
    const clock = new Clock();
    const inners: Recorder[] = [];
    const factory = order.reduce<FactoryLike>(
      (inner, name) => policies[name]!(inner, clock),
      () => inners[inners.push(new Recorder()) - 1]!,
    );
    const first = accepted(factory);
    const second = accepted(factory);
    assertStrictEquals(connectTo(factory), null);
    clock.advance(7_000);
    first.receive("x");
    inners[0]!.transport.write(Uint8Array.of(1));
    clock.advance(4_000);
    assertEquals([first.state, second.state, first.bytesWritten], ["open", "closed", 1]);
    accepted(factory);
    clock.advance(20_000);
    assertEquals(clock.pending, []);
    assertEquals(
      inners.map((inner) => inner.events.at(-1)),
      Array(3).fill("lost: Connection was idle for 8 s"),
    );
  }));
});
