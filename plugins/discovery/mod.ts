/**
 * Knows which services run here, and tells whoever asks: services of the application through the `registry`
 * token, programs that speak DNS or HTTP, and a fleet of runners through etcd. Every service that listens is published
 * without a word of its own.
 *
 * @module
 */
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { registry } from "../../services/registry/registry.ts";
import { DiscoveryService } from "./discovery_service.ts";
import { checkBackend } from "./etcd/options.ts";
import { checkHttp } from "./http/options.ts";
import { options } from "./options.ts";

export default definePlugin({
  name: "discovery",
  description: "Find services by name: in the application, on the network, in a fleet",
  options,
  provides: [registry],
  check: ({ backend, http }) => [
    ...within("backend", backend === undefined ? [] : checkBackend(backend)),
    ...within("http", http === undefined ? [] : checkHttp(http)),
  ],
  permissions: ({ backend, dns }) => ({
    read: Object.values(backend?.tls ?? {}).filter((path) => path !== undefined),
    net: [
      ...(backend?.etcd ?? []).map((url) => new URL(url).host),
      ...(dns === undefined ? [] : [dns.listen, ...dns.forward]),
    ],
    sys: ["hostname", "networkInterfaces"],
  }),
  leadershipTtl: ({ backend }) => backend?.ttl ?? null,
  makeService: (options) => new DiscoveryService(options),
}) as Plugin<typeof options>;

function within(
  key: string,
  problems: readonly { path: string[]; message: string }[],
): { path: string[]; message: string }[] {
  return problems.map(({ path, message }) => ({ path: [key, ...path], message }));
}
