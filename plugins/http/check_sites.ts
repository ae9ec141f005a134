import { type HttpPluginOptions, sitesOf } from "./options.ts";
import { formatHostPattern } from "./routing/host_pattern.ts";
import { coversPattern, formatPathPattern } from "./routing/path_pattern.ts";

/** A fault of options, and where it is. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What no request would ever reach: hosts that two sites claim, routes behind others that take all of theirs. */
export function checkSites(options: HttpPluginOptions): Problem[] {
  const problems: Problem[] = [];
  const hosts = new Map<string, number>();
  const inSites = options.sites !== undefined;
  for (const [at, site] of sitesOf(options).entries()) {
    const place = inSites ? ["sites", at] : [];
    const names = site.hosts.length === 0 ? [""] : site.hosts.map(formatHostPattern);
    for (const name of names) {
      const first = hosts.get(name);
      if (first === undefined) hosts.set(name, at);
      else {
        const message = name === ""
          ? `Only one site may be without hosts, and sites[${first}] is`
          : `Host "${name}" belongs to sites[${first}] already`;
        problems.push({ path: name === "" ? place : [...place, "hosts"], message });
      }
    }
    for (const [index, { path }] of site.routes.entries()) {
      const earlier = site.routes.slice(0, index).find((route) => coversPattern(route.path, path));
      if (earlier === undefined) continue;
      problems.push({
        path: [...place, "routes", index, "path"],
        message: `Route ${formatPathPattern(path)} is never reached: ${
          formatPathPattern(earlier.path)
        } stands before it; put it first`,
      });
    }
  }
  return problems;
}
