import type { UdpEndpoint } from "../../endpoint/endpoint.ts";
import { formatAddress } from "../address.ts";
import type { RawDatagram } from "../raw.ts";
import { cannotListen, describeBindError } from "./_listen_error.ts";
import { bindDenoDatagram, hasListenDatagram } from "./deno_datagram.ts";

/**
 * Bind a datagram port: by `Deno.listenDatagram` where the runtime has it, else by `node:dgram`.
 * @throws {CannotListenError} naming the endpoint, the cause and what to do
 */
export async function bindDatagram(endpoint: UdpEndpoint): Promise<RawDatagram> {
  const { interface: hostname, port } = endpoint;
  try {
    if (hasListenDatagram()) return bindDenoDatagram(endpoint);
    const { bindNodeDatagram } = await import("./node_datagram.ts");
    return await bindNodeDatagram(endpoint);
  } catch (error) {
    const name = formatAddress({ transport: "udp", hostname, port });
    throw cannotListen(name, describeBindError(error, hostname, port), error);
  }
}
