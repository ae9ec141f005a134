import { z } from "zod";
import { CidrError, parseCidr } from "../../../services/endpoint/cidr.ts";
import { parsed } from "../../../services/plugin/zod.ts";

/** Who stands before this server: addresses, blocks of them, and `unix` for whoever comes by a UNIX socket. */
export const trustedProxiesOption = z.array(z.union([z.literal("unix"), parsed(parseCidr, CidrError)]))
  .default([]).describe(
    "Proxies before this server, by address, block or unix: their X-Forwarded-For and -Proto say who a client is",
  );

/** As the plugin gets them. */
export type TrustedProxiesOption = z.output<typeof trustedProxiesOption>;
