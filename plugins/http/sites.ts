import { nearest } from "./around/options.ts";
import type { Ledger } from "./ledger.ts";
import type { SiteDeclaration } from "./options.ts";
import { CompiledRoute, type RouteSurroundings } from "./route/compiled_route.ts";
import { formatHostPattern, type HostPattern } from "./routing/host_pattern.ts";
import { RouteTable } from "./routing/route_table.ts";
import { SiteTable } from "./routing/site_table.ts";

/** A site that answers. */
export interface Site {
  readonly hosts: readonly HostPattern[];
  readonly routes: RouteTable<CompiledRoute>;
  /** For requests that no route is for. */
  readonly ledger: Ledger;
}

/**
 * Compile sites. A route that `before` has with the same options is taken over as it is, with its connections,
 * caches and counts; what is new is released again when another one cannot be compiled.
 */
export async function compileSites(
  sites: readonly SiteDeclaration[],
  surroundings: RouteSurroundings,
  before: SiteTable<Site> | null,
): Promise<SiteTable<Site>> {
  await using made = new AsyncDisposableStack();
  const kept = new Map(routesOf(before).map((route) => [route.key, route]));
  const compiled: Site[] = [];
  for (const { hosts, routes, around } of sites) {
    const host = hosts.length === 0 ? "" : formatHostPattern(hosts[0]!);
    const ready: CompiledRoute[] = [];
    for (const own of routes) {
      const route = { ...own, ...nearest(around, own) };
      const key = JSON.stringify([host, route]);
      ready.push(kept.get(key) ?? made.use(await CompiledRoute.compile(key, host, route, surroundings)));
    }
    const ledger = surroundings.ledger(host, "", around.log ?? null);
    compiled.push({ hosts, routes: new RouteTable(ready), ledger });
  }
  made.move();
  return new SiteTable(compiled);
}

/** Release the routes of `before` that `after` does not have. */
export async function releaseSites(before: SiteTable<Site>, after: SiteTable<Site> | null): Promise<void> {
  const kept = new Set(routesOf(after));
  await using gone = new AsyncDisposableStack();
  for (const route of routesOf(before)) if (!kept.has(route)) gone.use(route);
}

function routesOf(table: SiteTable<Site> | null): CompiledRoute[] {
  return table === null ? [] : table.sites.flatMap(({ routes }) => routes.routes);
}
