import { SERVICE_DEFAULTS } from "../../services/application_spec.ts";
import type { Plugin } from "../../services/plugin/plugin.ts";
import { registry } from "../../services/registry/registry.ts";
import { quote } from "../../services/text/quote.ts";
import { formatDuration } from "../../services/units/duration.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Finding } from "./finding.ts";
import { servicesNeededBy, suggestProvider } from "./tokens.ts";
import type { ServiceUnit } from "./units.ts";

/**
 * Singletons that could not be elected: without a registry among their needs, with one that knows no other runners,
 * or too slow to stop before somebody else may have started.
 */
export function checkSingletons(
  plugins: ReadonlyMap<ServiceUnit, Plugin>,
  options: ReadonlyMap<ServiceUnit, unknown>,
  dependencies: Dependencies,
): { readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  for (const unit of plugins.keys()) {
    if (unit.settings?.singleton !== true) continue;
    const needed = servicesNeededBy(unit, dependencies);
    // One whose plugin did not load, or whose options are wrong, may be what is missing.
    if (needed.some((service) => !options.has(service))) continue;
    const by = needed.find((service) => plugins.get(service)!.provides?.some(({ id }) => id === registry.id));
    const finding = by === undefined
      ? withoutRegistry(unit, plugins)
      : ofTerms(unit, by, plugins.get(by)!.leadershipTtl?.(options.get(by)) ?? null);
    if (finding !== null) findings.push(finding);
  }
  return { findings };
}

function withoutRegistry(unit: ServiceUnit, plugins: ReadonlyMap<ServiceUnit, Plugin>): Finding {
  return {
    source: unit.source,
    path: [...unit.at, "needs"],
    message: `Missing: a singleton needs a service that provides ${quote(registry.id)}, as "discovery" does`,
    ...suggestProvider(registry.id, unit, plugins),
  };
}

function ofTerms(unit: ServiceUnit, by: ServiceUnit, ttl: number | null): Finding | null {
  const at = (key: string): Pick<Finding, "source" | "path"> => ({
    source: unit.source,
    path: [...unit.at, key],
  });
  if (ttl === null) {
    const message = `Cannot be elected: ${quote(by.path)} knows of no other runners; give it a "backend"`;
    return { ...at("singleton"), message };
  }
  const { replicas = 1 } = unit.settings ?? {};
  if (replicas !== 1) {
    return { ...at("replicas"), message: "Must be 1 for a singleton: it runs once in the whole fleet" };
  }
  const stopTimeout = unit.settings?.stopTimeout ?? SERVICE_DEFAULTS.stopTimeout;
  if (stopTimeout < ttl) return null;
  return {
    ...at(unit.settings?.stopTimeout === undefined ? "singleton" : "stopTimeout"),
    message:
      `Must stop before another runner may start it: its stopTimeout, ${formatDuration(stopTimeout)}, ` +
      `must be shorter than the ttl in the backend of ${quote(by.path)}, ${formatDuration(ttl)}`,
  };
}
