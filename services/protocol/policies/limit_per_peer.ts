import type { Factory, FactoryLike } from "../factory.ts";
import type { Protocol } from "../protocol.ts";
import type { ProtocolWrapper } from "../protocol_wrapper.ts";
import { Census, limitByCensus } from "./_census.ts";
import { peerGroup } from "./peer_group.ts";

/**
 * Serve at most `max` connections of one peer at once; further ones are closed at once. A peer is an IPv4
 * address or an IPv6 /64, which is what one customer has. Peers that are not on the internet (UNIX sockets,
 * standard input) cannot be told apart and are not limited.
 *
 * @throws {RangeError} when `max` is not a whole number of at least 1
 */
export function limitPerPeer<P extends Protocol>(
  factory: FactoryLike<P>,
  max: number,
): Factory<ProtocolWrapper<P>> {
  return limitByCensus(factory, new Census("limitPerPeer", max), peerGroup);
}
