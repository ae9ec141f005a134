import { z } from "zod";
import { defaultLimits } from "../../services/http/options.ts";
import { duration, endpoint, parsed, size } from "../../services/plugin/zod.ts";
import { type AroundOptions, aroundOptions, nearest } from "./around/options.ts";
import { trustedProxiesOption } from "./forwarded/options.ts";
import { filesOptions } from "./files/options.ts";
import { handlerOptions } from "./handler/options.ts";
import { healthOptions } from "./health/options.ts";
import { metricsOptions } from "./metrics/options.ts";
import { proxyOptions } from "./proxy/options.ts";
import { redirectOptions } from "./redirect/options.ts";
import { respondOptions } from "./respond/options.ts";
import { HostPatternError, parseHostPattern } from "./routing/host_pattern.ts";
import { parsePathPattern, PathPatternError } from "./routing/path_pattern.ts";

/** The kinds of routes: each route is of exactly one. */
const kinds = {
  files: filesOptions.optional().describe("Serve a folder: its path, or root, index, list, fallback"),
  proxy: proxyOptions.optional().describe("Forward to servers behind this one: an endpoint, or to and more"),
  redirect: redirectOptions.optional().describe("Lead elsewhere: a path or URL, or to and status"),
  handler: handlerOptions.optional(),
  health: healthOptions.optional(),
  metrics: metricsOptions.optional(),
  respond: respondOptions.optional().describe("Answer always the same: text, or status, body, json, headers"),
};

const kindNames = Object.keys(kinds) as (keyof typeof kinds)[];

const pathPattern = parsed(parsePathPattern, PathPatternError);
const hostPattern = parsed(parseHostPattern, HostPatternError);

const route = z.strictObject({
  path: pathPattern.prefault("/*").describe('Paths: "/about" alone, "/docs/*" all below, "/*" all'),
  ...kinds,
  ...aroundOptions,
}).check((context) => {
  const named = kindNames.filter((name) => context.value[name] !== undefined);
  if (named.length === 1) return;
  const [first, second] = named;
  context.issues.push({
    code: "custom",
    input: context.value,
    path: second === undefined ? [] : [second],
    message: second === undefined
      ? `Missing: a route needs one of ${kindNames.join(", ")}`
      : `A route has one kind: it has ${first} already`,
  });
});

const routes = z.array(route).min(1);

const site = z.strictObject({
  hosts: z.union([hostPattern.transform((host) => [host]), z.array(hostPattern)]).default([])
    .describe('Names: example.org, "*.example.org"; default: all that no other site has'),
  root: z.string().min(1).optional().describe("A folder to serve, when that is all"),
  routes: routes.optional().describe("The first that is for the path answers"),
  ...aroundOptions,
}).check((context) => expectOne(context, "root", "routes"));

/** The options of the http plugin. */
export const options = z.strictObject({
  listen: z.union([endpoint(), z.array(endpoint()).min(1)]).prefault("tcp:127.0.0.1:8080")
    .describe("Where to listen: one endpoint or several"),
  http2: z.union([endpoint(), z.array(endpoint())]).default([])
    .describe("Where to speak HTTP/2 too, behind a trusted front alone: few limits hold there"),
  root: z.string().min(1).optional().describe("A folder to serve, when that is all"),
  routes: routes.optional().describe("The routes of the only site"),
  sites: z.array(site).min(1).optional().describe("Several sites, told apart by their hosts"),
  trustedProxies: trustedProxiesOption,
  limits: z.strictObject({
    connections: z.int().positive().default(defaultLimits.maxConnections).describe("At once; more wait"),
    connectionsPerClient: z.int().positive().default(defaultLimits.maxConnectionsPerPeer)
      .describe("At once, of an IPv4 address or IPv6 /64; more are closed"),
    head: size().prefault("16KiB").describe("Request line and header fields; else 431"),
    target: size().prefault("8KiB").describe("Path and query; else 414"),
    headers: z.int().positive().default(defaultLimits.maxHeaders).describe("Header fields; else 431"),
    bodyRate: size().prefault("1KiB").describe(
      "A body must come at this rate a second, in the long run; else 408",
    ),
  }).prefault({}),
  timeouts: z.strictObject({
    header: duration().prefault("10s").describe("For a request's head; else 408"),
    body: duration().prefault("20s").describe(
      "For its body, and longer by what it takes at bodyRate; else 408",
    ),
    idle: duration().prefault("75s").describe("For the next request of a connection"),
    write: duration().prefault("30s").describe("For the client to take something of what it is sent"),
  }).prefault({}),
  ...aroundOptions,
}).check((context) => expectOne(context, "root", "routes", "sites"));

/** As the plugin gets them. */
export type HttpPluginOptions = z.output<typeof options>;
/** One route of them. */
export type RouteOptions = z.output<typeof route>;
/** One site of them. */
export type SiteOptions = z.output<typeof site>;

/** A site in full. */
export interface SiteDeclaration {
  readonly hosts: SiteOptions["hosts"];
  readonly routes: readonly RouteOptions[];
  /** What stands around its routes. */
  readonly around: AroundOptions;
}

/** The sites, whatever the form in which they were written. */
export function sitesOf(options: HttpPluginOptions): readonly SiteDeclaration[] {
  const { sites = [{ ...options, hosts: [] }] } = options;
  return sites.map(({ hosts, root, routes, ...own }) => ({
    hosts,
    routes: routes ?? [route.parse({ files: root })],
    around: nearest(options, own),
  }));
}

/** Exactly one of `names` must be there. */
function expectOne(
  context: z.core.ParsePayload<Readonly<Record<string, unknown>>>,
  ...names: string[]
): void {
  const [first, second] = names.filter((name) => context.value[name] !== undefined);
  if (first !== undefined && second === undefined) return;
  const choices = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  context.issues.push({
    code: "custom",
    input: context.value,
    path: second === undefined ? [] : [second],
    message: second === undefined
      ? `Missing: say what to serve, by ${choices}`
      : `Must not stand beside ${first}: write one of them`,
  });
}
