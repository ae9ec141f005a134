import { z } from "zod";
import { defaultLimits } from "../../services/http/options.ts";
import { duration, endpoint, size } from "../../services/plugin/zod.ts";
import { filesOptions } from "./files/options.ts";
import { respondOptions } from "./respond/options.ts";
import { HostPatternError, parseHostPattern } from "./routing/host_pattern.ts";
import { parsePathPattern, PathPatternError } from "./routing/path_pattern.ts";

/** The kinds of routes: each route is of exactly one. */
const kinds = {
  files: filesOptions.optional().describe("Serve a folder: its path, or root, index, list, fallback"),
  respond: respondOptions.optional().describe("Answer always the same: text, or status, body, json, headers"),
};

const kindNames = Object.keys(kinds) as (keyof typeof kinds)[];

const pathPattern = parsed(parsePathPattern, PathPatternError);
const hostPattern = parsed(parseHostPattern, HostPatternError);

const route = z.strictObject({
  path: pathPattern.prefault("/*").describe('Paths: "/about" alone, "/docs/*" all below, "/*" all'),
  ...kinds,
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
  routes: routes.describe("The first that is for the path answers"),
});

/** The options of the http plugin. */
export const options = z.strictObject({
  listen: z.union([endpoint(), z.array(endpoint()).min(1)]).prefault("tcp:127.0.0.1:8080")
    .describe("Where to listen: one endpoint or several"),
  root: z.string().min(1).optional().describe("A folder to serve, when that is all"),
  routes: routes.optional().describe("The routes of the only site"),
  sites: z.array(site).min(1).optional().describe("Several sites, told apart by their hosts"),
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
}).check((context) => {
  const { root, routes, sites } = context.value;
  const forms = Object.entries({ root, routes, sites }).filter(([, value]) => value !== undefined);
  if (forms.length === 1) return;
  context.issues.push({
    code: "custom",
    input: context.value,
    path: forms.length === 0 ? [] : [forms[1]![0]],
    message: forms.length === 0
      ? "Missing: say what to serve, by root, routes or sites"
      : `Must not stand beside ${forms[0]![0]}: write one of them`,
  });
});

/** As the plugin gets them. */
export type HttpPluginOptions = z.output<typeof options>;
/** One route of them. */
export type RouteOptions = z.output<typeof route>;
/** One site of them. */
export type SiteOptions = z.output<typeof site>;

/** The sites, whatever the form in which they were written. */
export function sitesOf({ root, routes, sites }: HttpPluginOptions): readonly SiteOptions[] {
  return sites ?? [{ hosts: [], routes: routes ?? [route.parse({ files: root })] }];
}

/** A piece of text that `parse` reads, or refuses in its own words. */
function parsed<T>(
  parse: (text: string) => T,
  failure: new (message: string) => Error,
): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof failure)) throw error;
      context.issues.push({ code: "custom", message: error.message, input: text });
      return z.NEVER;
    }
  });
}
