import { z } from "zod";
import { accessLogOptions } from "../access_log/options.ts";
import { headerChangesOption } from "../headers_option.ts";
import { CidrError, parseCidr } from "../../../services/endpoint/cidr.ts";
import { duration, parsed, size } from "../../../services/plugin/zod.ts";

const blocks = z.array(parsed(parseCidr, CidrError));

/**
 * What stands around a route: of the route itself, its site, or the service, the nearest that says something
 * (null switches off what is said farther out). Only `headers` are joined.
 */
export const aroundOptions = {
  headers: headerChangesOption.optional().describe("Header fields to set on replies; null removes one"),
  requireTls: z.union([
    z.boolean().transform((on) => on ? { port: 443 } : null),
    z.strictObject({ port: z.int().min(1).max(65535).default(443).describe("Where TLS is served") }),
  ]).nullable().optional().describe("Send clients without TLS to https: with 308; default false"),
  hsts: z.union([
    duration().transform((maxAge) => ({ maxAge, includeSubDomains: false, preload: false })),
    z.strictObject({
      maxAge: duration().prefault("365d").describe("For so long"),
      includeSubDomains: z.boolean().default(false).describe("And for all names below this one"),
      preload: z.boolean().default(false).describe("And browsers may build it in"),
    }),
  ]).nullable().optional().describe("Tell browsers, over TLS, to come by TLS alone; default: do not"),
  basicAuth: z.strictObject({
    realm: z.string().regex(/^[\x20-\x7e]*$/, { error: "Must be printable ASCII" }).default("Restricted")
      .describe("What the browser says the password is for"),
    users: z.record(z.string().min(1).regex(/^[^:]*$/, { error: 'Must be without ":"' }), z.string())
      .describe("Passwords by name: a hash of scrypt, PBKDF2 or SCRAM, or ${file:...}"),
  }).nullable().optional().describe("Ask for a name and password"),
  rateLimit: z.strictObject({
    requests: z.int().positive().describe("So many"),
    per: duration().prefault("1s").describe("In any such time"),
    burst: z.int().positive().optional().describe("At once; default: requests"),
  }).nullable().optional().describe("For each client address; else 429"),
  compress: z.boolean().optional().describe("Compress replies by br, zstd or gzip; default false"),
  log: accessLogOptions.nullable().optional().describe(
    "Access log: common, combined, json, or format and file",
  ),
  allow: blocks.nullable().optional().describe("Addresses or blocks that may come; else 403"),
  deny: blocks.nullable().optional().describe("Addresses or blocks that get 403"),
  maxBody: size().nullable().optional().describe("Of a request; else 413. Default 10 MiB; null: any"),
  timeout: duration().nullable().optional().describe("For a reply to begin; else 503. Default: none"),
};

const around = z.strictObject(aroundOptions);

/** As the plugin gets them. */
export type AroundOptions = z.output<typeof around>;

/** What holds for a route: `own` before what `outer` says. */
export function nearest(outer: AroundOptions, own: AroundOptions): AroundOptions {
  const result: AroundOptions = {};
  for (const name of Object.keys(aroundOptions) as (keyof AroundOptions)[]) {
    const value = own[name] === undefined ? outer[name] : own[name];
    if (value !== undefined) Object.assign(result, { [name]: value });
  }
  if (outer.headers !== undefined && own.headers !== undefined) {
    result.headers = { ...outer.headers, ...own.headers };
  }
  return result;
}
