import type { ServiceContext } from "../../../services/context.ts";
import { applicationView } from "../../../services/control/application_view.ts";
import { isLoopback } from "../../../services/endpoint/ip_address.ts";
import type { Registry } from "../../../services/registry/registry.ts";
import { isBridge, type SystemAddress } from "../system_addresses.ts";
import { DnsSd } from "./dns_sd.ts";
import { linksOf } from "./link_addresses.ts";
import type { DnsSdOptions } from "./options.ts";

/**
 * Tell the local networks of what the options choose, and register what is found there, until the service drains.
 *
 * @throws {CannotListenError} when port 5353 cannot be shared
 */
export async function serveDnsSd(
  context: ServiceContext,
  registry: Registry,
  options: DnsSdOptions,
  addresses: () => readonly SystemAddress[],
): Promise<void> {
  const { reactor, log, draining } = context;
  const { interfaces } = options;
  const isWanted = (name: string, address: string): boolean =>
    interfaces === undefined ? !isLoopback(address) && !isBridge(name) : interfaces.includes(name);
  const dnsSd = await DnsSd.open(options, {
    reactor,
    registry,
    log,
    random: Math.random,
    links: () => linksOf(addresses(), isWanted),
  });
  // Before the drain, which begins by closing the sockets.
  const end = context.get(applicationView).beforeDrain((path) => {
    if (path === context.name) dnsSd.farewell();
  });
  context.use({ [Symbol.dispose]: end });
  context.spawn(async () => {
    for await (const _ of registry.watch({ signal: draining })) dnsSd.publish();
  });
}
