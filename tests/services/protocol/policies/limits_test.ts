import { limitPerPeer } from "../../../../services/protocol/policies/limit_per_peer.ts";
import { limitTotal } from "../../../../services/protocol/policies/limit_total.ts";
import type { Address } from "../../../../services/reactor/address.ts";
import { ConnectionDone } from "../../../../services/reactor/errors.ts";
import { StringTransport } from "../../../../services/testing/string_transport.ts";
import { assertEquals, assertExists, assertStrictEquals, assertThrows } from "../../../assert.ts";
import { accepted, connectTo, Recorder, tcp } from "./peers.ts";

Deno.test("limitTotal refuses what is too much, and lets in again when one has left", () => {
  let built = 0;
  const factory = limitTotal(() => {
    built++;
    return new Recorder();
  }, 2);
  const first = accepted(factory);
  accepted(factory);
  assertStrictEquals(connectTo(factory), null);
  assertStrictEquals(built, 2);
  first.lose();
  accepted(factory);
  assertStrictEquals(connectTo(factory), null);
});

Deno.test("limitTotal does not count what the inner factory refuses", () => {
  let refuse = true;
  const factory = limitTotal(() => refuse ? null : new Recorder(), 1);
  assertStrictEquals(connectTo(factory), null);
  refuse = false;
  accepted(factory);
});

Deno.test("limitTotal counts a connection whose protocol throws until it is lost", () => {
  class Thrower extends Recorder {
    override connectionMade(): void {
      throw new Error("at once");
    }
    override connectionLost(): void {
      throw new Error("to the last");
    }
  }
  const factory = limitTotal(() => new Thrower(), 1);
  const protocol = factory.buildProtocol(tcp("192.0.2.1"))!;
  assertThrows(() => protocol.makeConnection(new StringTransport()), Error, "at once");
  assertStrictEquals(factory.buildProtocol(tcp("192.0.2.1")), null);
  assertThrows(
    () => protocol.connectionLost(new ConnectionDone()),
    Error,
    "to the last",
  );
  assertExists(factory.buildProtocol(tcp("192.0.2.1")));
});

Deno.test("limits want a whole number of at least 1", () => {
  for (const max of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => limitTotal(() => null, max), RangeError, `not "${max}"`);
    assertThrows(() => limitPerPeer(() => null, max), RangeError, "limitPerPeer needs a whole number");
  }
});

/** How many of `peers` a limit of one per peer lets in together. */
function admitted(peers: Address[]): number {
  const factory = limitPerPeer(() => new Recorder(), 1);
  return peers.filter((peer) => connectTo(factory, peer) !== null).length;
}

Deno.test("limitPerPeer counts by IPv4 address, whatever the port", () => {
  assertEquals(admitted([tcp("192.0.2.1", 1), tcp("192.0.2.1", 2), tcp("192.0.2.2", 1)]), 2);
  assertEquals(admitted([tcp("192.0.2.1"), tcp("::ffff:192.0.2.1")]), 1);
});

Deno.test("limitPerPeer counts by IPv6 /64", () => {
  assertEquals(admitted([tcp("2001:db8::1"), tcp("2001:db8:0:0:ffff::9"), tcp("2001:DB8:0::")]), 1);
  assertEquals(admitted([tcp("2001:db8::1"), tcp("2001:db8:0:1::1"), tcp("2001:db9::1"), tcp("::1")]), 4);
  assertEquals(admitted([tcp("fe80::1"), tcp("fe80::2%eth0"), tcp("fe80:0:0:0:1:2:3:4")]), 1);
});

Deno.test("limitPerPeer does not limit peers that cannot be told apart", () => {
  assertEquals(admitted([{ transport: "unix", path: "" }, { transport: "unix", path: "" }]), 2);
});

Deno.test("limitPerPeer lets a peer in again when it has left, and remembers nothing of it", () => {
  const factory = limitPerPeer(() => new Recorder(), 2);
  for (let i = 0; i < 5; i++) {
    const both = [accepted(factory, tcp("192.0.2.7")), accepted(factory, tcp("192.0.2.7"))];
    assertStrictEquals(connectTo(factory, tcp("192.0.2.7")), null);
    for (const transport of both) transport.lose();
  }
});
