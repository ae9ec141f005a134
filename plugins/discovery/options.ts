import { z } from "zod";
import { dnsOptions } from "./dns/options.ts";
import { dnsSdOptions } from "./dns_sd/options.ts";
import { backendOptions } from "./etcd/options.ts";
import { httpOptions } from "./http/options.ts";
import { publishOptions } from "./publish/options.ts";

/** The options of the discovery plugin: each part that is there is switched on. */
export const options = z.strictObject({
  ...publishOptions,
  dns: dnsOptions.optional(),
  dnsSd: dnsSdOptions.optional(),
  http: httpOptions.optional(),
  backend: backendOptions.optional(),
});

/** The options, as the plugin gets them. */
export type DiscoveryOptions = z.output<typeof options>;
