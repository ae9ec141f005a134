import { ConnectionCount } from "../../../services/mail/connection_count.ts";
import type { Address } from "../../../services/reactor/address.ts";
import { assertEquals } from "../../assert.ts";

const tcp = (hostname: string): Address => ({ transport: "tcp", hostname, port: 4000 });

/** Whether each of them is let in, one after the other, where a client may have two connections. */
function entered(...peers: Address[]): boolean[] {
  const count = new ConnectionCount(2);
  return peers.map((peer) => count.enter(peer) !== null);
}

Deno.test("ConnectionCount tells IPv4 clients apart by their address, written either way", () => {
  const [one, same, other] = [tcp("192.0.2.1"), tcp("::ffff:192.0.2.1"), tcp("192.0.2.2")];
  assertEquals(entered(one, same, one, other), [true, true, false, true]);
});

Deno.test("ConnectionCount takes an IPv6 /64 for one client, since it is one's own to choose from", () => {
  const [one, same, other] = [tcp("2001:db8:0:1::1"), tcp("2001:db8:0:1:ffff::2"), tcp("2001:db8:0:2::1")];
  assertEquals(entered(one, same, one, other), [true, true, false, true]);
});

Deno.test("ConnectionCount lets all in that come by a UNIX socket", () => {
  const unix: Address = { transport: "unix", path: "/run/x.sock" };
  assertEquals(entered(unix, unix, unix), [true, true, true]);
});

Deno.test("ConnectionCount forgets a client that is gone", () => {
  const count = new ConnectionCount(1);
  const leave = count.enter(tcp("192.0.2.1"))!;
  assertEquals(count.enter(tcp("192.0.2.1")), null);
  leave();
  assertEquals(count.enter(tcp("192.0.2.1")) !== null, true);
});
