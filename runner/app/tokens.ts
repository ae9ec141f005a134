import type { Token } from "../../services/context.ts";
import type { Plugin } from "../../services/plugin/plugin.ts";
import { quote } from "../../services/text/quote.ts";
import type { Dependencies } from "./dependencies.ts";
import { grantFor } from "./grants.ts";
import type { Finding } from "./finding.ts";
import { type RootGroup, type ServiceUnit, type Unit, unitsWithin } from "./units.ts";

/**
 * Services whose plugins need a token that nothing they `needs` provides. `granted`: what the runner itself
 * offers to any service.
 */
export function findMissingTokens(
  plugins: ReadonlyMap<ServiceUnit, Plugin>,
  dependencies: Dependencies,
  granted: readonly Token<unknown>[],
): Finding[] {
  const always = new Set(granted.map((token) => token.id));
  const findings: Finding[] = [];
  for (const [unit, plugin] of plugins) {
    const needs = (plugin.needs ?? []).filter((token) => !always.has(token.id));
    findings.push(...missingGrants(unit, plugin, needs));
    const wanted = needs.filter((token) => grantFor(token) === undefined);
    if (wanted.length === 0) continue;
    const needed = servicesNeededBy(unit, dependencies);
    // A needed service whose plugin did not load may be the one that provides it.
    if (needed.some((service) => !plugins.has(service))) continue;
    const provided = new Set(needed.flatMap((service) => idsOf(plugins.get(service)?.provides)));
    for (const { id } of wanted.filter((token) => !provided.has(token.id))) {
      findings.push({
        source: unit.source,
        path: [...unit.at, "needs"],
        message: `Missing: ${quote(plugin.name)} needs a service that provides ${quote(id)}`,
        ...suggestProvider(id, unit, plugins),
      });
    }
  }
  return findings;
}

/** What the application itself gives only where the file says so. */
function missingGrants(unit: ServiceUnit, plugin: Plugin, needs: readonly Token<unknown>[]): Finding[] {
  const given: readonly string[] = unit.settings?.grants ?? [];
  const missing = new Set(
    needs.map(grantFor).filter((grant) => grant !== undefined && !given.includes(grant)),
  );
  return [...missing].map((grant) => ({
    source: unit.source,
    path: [...unit.at, "grants"],
    message: `Missing: ${quote(plugin.name)} needs the grant ${quote(grant!)}`,
    suggestion: `write "grants: [${grant}]" if it may have it`,
  }));
}

/** Also what the groups around it need: it may get what that provides. */
export function servicesNeededBy(unit: ServiceUnit, dependencies: Dependencies): ServiceUnit[] {
  const needed: ServiceUnit[] = [];
  for (let at: Unit | RootGroup = unit; at.kind !== "root"; at = at.parent) {
    for (const { kind, to } of dependencies.of.get(at) ?? []) {
      if (kind !== "needs") continue;
      const within = to.kind === "service" ? [to] : [...unitsWithin(to)];
      needed.push(...within.filter((inner) => inner.kind === "service"));
    }
  }
  return needed;
}

/** A suggestion to need a service that provides the token `id`, where there is one. */
export function suggestProvider(
  id: string,
  unit: ServiceUnit,
  plugins: ReadonlyMap<ServiceUnit, Plugin>,
): { suggestion?: string } {
  const provider = [...plugins].find(([other, plugin]) =>
    other !== unit && idsOf(plugin.provides).includes(id)
  );
  return provider === undefined ? {} : { suggestion: `write "needs: [${provider[0].path}]"` };
}

function idsOf(tokens: readonly Token<unknown>[] | undefined): string[] {
  return (tokens ?? []).map((token) => token.id);
}
