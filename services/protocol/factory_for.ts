import type { Factory } from "./factory.ts";
import type { Protocol } from "./protocol.ts";

/**
 * A factory that makes a `ProtocolClass` for every connection, each with the same arguments (Twisted's
 * `Factory.forProtocol`).
 *
 * @example
 * ```ts
 * import { factoryFor, Protocol, type Reactor } from "@heddle/heddle";
 *
 * class Quote extends Protocol {
 *   constructor(readonly text: string) {
 *     super();
 *   }
 *   override connectionMade(): void {
 *     this.transport.write(new TextEncoder().encode(this.text));
 *     this.transport.loseConnection();
 *   }
 * }
 *
 * function listen(reactor: Reactor) {
 *   return reactor.listen("tcp:17", factoryFor(Quote, "An apple a day keeps the doctor away\r\n"));
 * }
 * ```
 */
export function factoryFor<P extends Protocol, A extends unknown[]>(
  ProtocolClass: new (...args: A) => P,
  ...args: A
): Factory<P> {
  return { buildProtocol: (): P => new ProtocolClass(...args) };
}
