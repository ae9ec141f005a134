/**
 * Sends back every byte on TCP and every datagram on UDP (RFC 862): the smallest whole service, to try
 * things out with and to copy from.
 *
 * @module
 */
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { duration, endpoint, udpEndpoint } from "../../services/plugin/zod.ts";
import { idleTimeout } from "../../services/protocol/policies/idle_timeout.ts";
import { z } from "zod";
import { Echo, EchoDatagrams } from "./echo.ts";

const options = z.strictObject({
  listen: endpoint().prefault("tcp:127.0.0.1:7007").describe("Where to echo streams"),
  udp: udpEndpoint().nullable().prefault(null).describe("Where to echo datagrams; null: nowhere"),
  maxConnections: z.int().positive().default(1000).describe("Connections at once; more wait"),
  idleTimeout: duration().prefault("5m").describe("Close a connection that says nothing for so long"),
});

export default definePlugin({
  name: "echo",
  description: "Send back every byte and every datagram",
  options,
  replace: "overlap",
  makeService: ({ listen, udp, maxConnections, idleTimeout: silence }) => ({
    async start({ reactor }) {
      await reactor.listen(listen, idleTimeout(() => new Echo(), silence, reactor), { maxConnections });
      if (udp !== null) await reactor.listenDatagram(udp, new EchoDatagrams());
    },
  }),
}) as Plugin<typeof options>;
