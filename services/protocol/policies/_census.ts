import type { Address } from "../../reactor/address.ts";
import type { ConnectionClosed } from "../../reactor/errors.ts";
import type { Transport } from "../../reactor/transport.ts";
import type { Factory, FactoryLike } from "../factory.ts";
import type { Protocol } from "../protocol.ts";
import { ProtocolWrapper, wrapFactory } from "../protocol_wrapper.ts";

/** Counts open connections in groups, and says whether a group may have one more. */
export class Census {
  readonly #max: number;
  readonly #open = new Map<string, number>();

  /** @throws {RangeError} when `max` is not a whole number of at least 1 */
  constructor(policy: string, max: number) {
    if (!Number.isInteger(max) || max < 1) {
      throw new RangeError(
        `Cannot limit connections: ${policy} needs a whole number of at least 1, not "${max}"`,
      );
    }
    this.#max = max;
  }

  hasRoom(group: string): boolean {
    return (this.#open.get(group) ?? 0) < this.#max;
  }

  enter(group: string): void {
    this.#open.set(group, (this.#open.get(group) ?? 0) + 1);
  }

  leave(group: string): void {
    const rest = (this.#open.get(group) ?? 0) - 1;
    if (rest > 0) this.#open.set(group, rest);
    else this.#open.delete(group);
  }
}

/** Refuses connections of a group that is full; those whose group is null are let in and not counted. */
export function limitByCensus<P extends Protocol>(
  factory: FactoryLike<P>,
  census: Census,
  groupOf: (peer: Address) => string | null,
): Factory<ProtocolWrapper<P>> {
  const wrapped = wrapFactory(factory, (inner, peer) => {
    const group = groupOf(peer);
    return group === null ? new ProtocolWrapper(inner) : new CountedProtocol(inner, census, group);
  });
  return {
    ...wrapped,
    buildProtocol(peer: Address): ProtocolWrapper<P> | null {
      const group = groupOf(peer);
      return group === null || census.hasRoom(group) ? wrapped.buildProtocol(peer) : null;
    },
  };
}

class CountedProtocol<P extends Protocol> extends ProtocolWrapper<P> {
  readonly #census: Census;
  readonly #group: string;

  constructor(inner: P, census: Census, group: string) {
    super(inner);
    this.#census = census;
    this.#group = group;
  }

  override makeConnection(transport: Transport): void {
    this.#census.enter(this.#group);
    super.makeConnection(transport);
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.#census.leave(this.#group);
    super.connectionLost(reason);
  }
}
