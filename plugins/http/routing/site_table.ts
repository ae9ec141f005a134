import type { HostPattern } from "./host_pattern.ts";

/** Finds the site that a host belongs to: exact names first, then the longest wildcard, then the default. */
export class SiteTable<Site extends { readonly hosts: readonly HostPattern[] }> {
  /** As they were declared. */
  readonly sites: readonly Site[];
  readonly #exact = new Map<string, Site>();
  /** By what follows `*.`. */
  readonly #wildcards = new Map<string, Site>();
  /** The site without hosts, which takes what no other does. */
  readonly #default: Site | null;

  constructor(sites: readonly Site[]) {
    this.sites = sites;
    for (const site of sites) {
      for (const { name, wildcard } of site.hosts) (wildcard ? this.#wildcards : this.#exact).set(name, site);
    }
    this.#default = sites.find((site) => site.hosts.length === 0) ?? null;
  }

  /** The site for `hostname`, as `URL.hostname` has it; null when there is none. A dot at its end says no more. */
  find(hostname: string): Site | null {
    const name = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
    if (this.#exact.size > 0) {
      const site = this.#exact.get(name);
      if (site !== undefined) return site;
    }
    return (this.#wildcards.size === 0 ? null : this.#findWildcard(name)) ?? this.#default;
  }

  #findWildcard(hostname: string): Site | null {
    for (let dot = hostname.indexOf("."); dot >= 0; dot = hostname.indexOf(".", dot + 1)) {
      const site = this.#wildcards.get(hostname.slice(dot + 1));
      if (site !== undefined) return site;
    }
    return null;
  }
}
