import { matchesPath, type PathPattern } from "./path_pattern.ts";

/** Finds the first of a site's routes that is for a path. */
export class RouteTable<Route extends { readonly pattern: PathPattern }> {
  /** In the order in which they are tried. */
  readonly routes: readonly Route[];
  /** Where the first route for exactly this path is in `routes`. */
  readonly #exact = new Map<string, number>();
  /** Where the routes are that are for more than one path. */
  readonly #below: number[] = [];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const [index, { pattern }] of routes.entries()) {
      if (pattern.kind === "below") this.#below.push(index);
      else if (!this.#exact.has(pattern.path)) this.#exact.set(pattern.path, index);
    }
  }

  /** The route for `path`, a {@linkcode requestPath}; null when there is none. */
  find(path: string): Route | null {
    const exact = this.#exact.get(path) ?? this.routes.length;
    for (const index of this.#below) {
      if (index > exact) break;
      const route = this.routes[index]!;
      if (matchesPath(route.pattern, path)) return route;
    }
    return this.routes[exact] ?? null;
  }
}
