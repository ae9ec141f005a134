import type { Registry } from "../../../services/registry/registry.ts";
import { placed } from "../placed_instance.ts";
import { formatIpAddress } from "../../../services/endpoint/ip_address.ts";
import type { DnsSdOptions } from "./options.ts";
import type { OwnService } from "./own_records.ts";

/** A service of this machine at one port, to be told of where one of its addresses is. */
export interface PublishedPlace extends OwnService {
  /** Tells it from the others; another one when something about it has changed. */
  readonly key: string;
  readonly hostnames: readonly string[];
}

/** What is registered of this machine's services that are to be told of, as they are now. */
export function publishedPlaces(
  publish: DnsSdOptions["publish"],
  registry: Pick<Registry, "node" | "list">,
): PublishedPlace[] {
  return Object.entries(publish).flatMap(([service, said]) => {
    const { type, name = `${service} on ${registry.node}`.replaceAll(".", "-"), txt = {} } =
      typeof said === "string" ? { type: said } : said;
    const own = placed(registry.list(service)).filter(({ instance, protocol }) =>
      instance.node === registry.node && !instance.tags.includes("dns-sd") && type.endsWith(`_${protocol}`)
    );
    const ports = [...new Set(own.map(({ port }) => port))].sort((one, other) => one - other);
    return ports.map((port, at): PublishedPlace => {
      const label = at === 0 ? name : `${name} (${port})`;
      const hostnames = own.filter((one) => one.port === port).map(({ address }) => formatIpAddress(address));
      return {
        key: JSON.stringify([label, type, port, txt]),
        label,
        type: type.toLowerCase(),
        port,
        txt,
        hostnames,
      };
    });
  });
}
