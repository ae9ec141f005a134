import { parsePassword, PasswordError } from "../../services/auth/password.ts";
import type { AroundOptions } from "./around/options.ts";
import { type HttpPluginOptions, type RouteOptions, type SiteDeclaration, sitesOf } from "./options.ts";
import { formatHostPattern } from "./routing/host_pattern.ts";
import { coversPattern, formatPathPattern, matchesPath } from "./routing/path_pattern.ts";

/** A fault of options, and where it is. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is well-formed and cannot work: hosts that two sites claim, routes that are never reached, and the like. */
export function checkSites(options: HttpPluginOptions): Problem[] {
  const problems = [...checkHttp2(options), ...checkHosts(options), ...checkPasswords(options, [])];
  for (const [at, site] of (options.sites ?? []).entries()) {
    problems.push(...checkPasswords(site, ["sites", at]));
  }
  for (const [at, site] of sitesOf(options).entries()) {
    const place = options.sites === undefined ? [] : ["sites", at];
    for (const [index, route] of site.routes.entries()) {
      const path = [...place, "routes", index];
      problems.push(...checkReached(site, index, path), ...checkRedirect(site, route, path));
      if (options.root === undefined) problems.push(...checkPasswords(route, path));
    }
  }
  return problems;
}

function checkHttp2({ http2 }: HttpPluginOptions): Problem[] {
  return [http2].flat().flatMap(({ kind }, at) => {
    if (kind === "tcp" || kind === "tls") return [];
    const path = Array.isArray(http2) ? ["http2", at] : ["http2"];
    return [{ path, message: `HTTP/2 is served on tcp and tls endpoints alone, not on ${kind}` }];
  });
}

function checkHosts({ sites = [] }: HttpPluginOptions): Problem[] {
  const problems: Problem[] = [];
  const claimed = new Map<string, number>();
  for (const [at, { hosts }] of sites.entries()) {
    for (const name of hosts.length === 0 ? [""] : hosts.map(formatHostPattern)) {
      const first = claimed.get(name);
      if (first === undefined) claimed.set(name, at);
      else if (name === "") {
        const message = `Only one site may be without hosts, and sites[${first}] is`;
        problems.push({ path: ["sites", at], message });
      } else {
        const message = `Host "${name}" belongs to sites[${first}] already`;
        problems.push({ path: ["sites", at, "hosts"], message });
      }
    }
  }
  return problems;
}

function checkReached({ routes }: SiteDeclaration, index: number, path: readonly PropertyKey[]): Problem[] {
  const { path: pattern } = routes[index]!;
  const earlier = routes.slice(0, index).find((route) => coversPattern(route.path, pattern));
  if (earlier === undefined) return [];
  const [own, other] = [pattern, earlier.path].map(formatPathPattern);
  const message = own === other
    ? `Route ${own} is never reached: there is one for that path before it`
    : `Route ${own} is never reached: ${other} stands before it; put it first`;
  return [{ path: [...path, "path"], message }];
}

function checkRedirect(
  { routes }: SiteDeclaration,
  route: RouteOptions,
  path: readonly PropertyKey[],
): Problem[] {
  const to = route.redirect?.to;
  if (to === undefined || !to.startsWith("/")) return [];
  const target = to.replace(/[?#].*$|\/\*$/s, "") || "/";
  if (routes.find((each) => matchesPath(each.path, target)) !== route) return [];
  return [{
    path: [...path, "redirect"],
    message: `A redirect to "${to}" goes in a circle: this route is for that path`,
  }];
}

function checkPasswords({ basicAuth }: AroundOptions, path: readonly PropertyKey[]): Problem[] {
  return Object.entries(basicAuth?.users ?? {}).flatMap(([name, password]) => {
    try {
      parsePassword(password);
      return [];
    } catch (error) {
      if (!(error instanceof PasswordError)) throw error;
      return [{ path: [...path, "basicAuth", "users", name], message: error.message }];
    }
  });
}
