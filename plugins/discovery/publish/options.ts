import { z } from "zod";
import { isIpAddress } from "../../../services/endpoint/ip_address.ts";
import { isServiceName } from "../../../services/registry/read_registration.ts";

const text = z.string().min(1);

const published = z.strictObject({
  name: z.string().refine(isServiceName, { error: 'must be a DNS label: a-z, 0-9 and "-", 63 at most' })
    .optional().describe("By which it is found; default: the last part of its path, in lower case"),
  tags: z.array(text).default([]).describe("Words that say more of it"),
  metadata: z.record(text, z.string()).default({}).describe("Further values by key"),
  weight: z.int().min(0).max(65_535).default(1).describe("Its share of new work; 0 takes none"),
  tls: z.boolean().default(false).describe("Its TCP listeners speak TLS: publish them as tls:"),
});

/** What is said of a service besides where it listens. */
export type PublishedOptions = z.output<typeof published>;

/** What is published, and how: part of the plugin's options. */
export const publishOptions = {
  node: z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores")
    .optional().describe("What this machine is called; default: its host name"),
  advertise: z.array(z.string().refine(isIpAddress, { error: "must be an IP address" })).min(1).optional()
    .describe(
      "Addresses at which others reach what listens on 0.0.0.0 or [::]; default: those of the interfaces, " +
        "bridges of containers aside",
    ),
  services: z.record(text, z.union([z.literal(false), published])).default({}).describe(
    "By path, what is said of a service besides where it listens; false: it is not published",
  ),
};

/** What the publisher is told by the plugin's options. */
export interface PublishOptions {
  readonly advertise?: readonly string[] | undefined;
  readonly services: Readonly<Record<string, PublishedOptions | false>>;
}

/** A service of which the options say nothing. */
export const PUBLISHED_BY_DEFAULT: PublishedOptions = published.parse({});
