import type { UdpEndpoint } from "../../endpoint/endpoint.ts";
import { formatAddress } from "../address.ts";
import type { RawDatagram } from "../raw.ts";
import { bindDenoDatagram } from "./_deno_datagram.ts";
import { cannotListen, describeBindError } from "./_listen_error.ts";
import { bindNodeDatagram } from "./_node_datagram.ts";

/**
 * Open a UDP port: with `Deno.listenDatagram` where the program may use it (`"unstable": ["net"]`), which is
 * the cheaper one, else with `node:dgram`.
 *
 * @throws {CannotListenError} naming the endpoint, the cause and what to do
 */
export async function bindDatagram(endpoint: UdpEndpoint): Promise<RawDatagram> {
  const { interface: hostname, port } = endpoint;
  try {
    const denoHasIt = typeof Deno.listenDatagram === "function";
    return denoHasIt ? bindDenoDatagram(endpoint) : await bindNodeDatagram(endpoint);
  } catch (error) {
    const name = formatAddress({ transport: "udp", hostname, port });
    throw cannotListen(name, describeBindError(error, hostname, port), error);
  }
}
