import type { Strategy } from "../../services/application_spec.ts";
import type { Token } from "../../services/context.ts";
import type { Plugin } from "../../services/plugin/plugin.ts";
import { closest } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import { findCycles } from "./cycles.ts";
import { findContradictions } from "./declaration_order.ts";
import type { Declarations } from "./declare_units.ts";
import { type Dependencies, resolveDependencies } from "./dependencies.ts";
import { type Finding, suggesting } from "./finding.ts";
import type { Sources } from "./read_sources.ts";
import type { ApplicationFile } from "./schema.ts";
import { findMissingTokens } from "./tokens.ts";
import { type Group, type RootGroup, type ServiceUnit, unitsWithin } from "./units.ts";

/** What can be said only of all units together. */
export function checkTree(
  { root, settings }: Declarations,
  { sources, findings: unread }: Sources,
  plugins: ReadonlyMap<ServiceUnit, Plugin>,
  granted: readonly Token<unknown>[],
): { readonly dependencies: Dependencies; readonly findings: readonly Finding[] } {
  const dependencies = resolveDependencies(root);
  // A file that could not be read may hold what is missing here.
  const isWhole = unread.every((finding) => finding.path.length > 0 && finding.path[0] !== "include");
  const main = sources.at(-1);
  const findings: Finding[] = [
    ...findCycles(root, dependencies),
    ...findContradictions(dependencies, (group) => strategyOf(group, settings)),
  ];
  if (isWhole && main !== undefined) {
    findings.push(...dependencies.findings, ...findMissingTokens(plugins, dependencies, granted));
    findings.push(...unknownLogNames(main, root, settings));
    if (root.children.size === 0 && isMissing(main.value)) {
      const message = 'Cannot run an application without services: declare one under "services"';
      findings.push({ source: main, path: [], message });
    }
  }
  return { dependencies, findings };
}

/** No services at all, as against services that are wrong, which is reported where they stand. */
function isMissing(value: unknown): boolean {
  if (typeof value !== "object" || Array.isArray(value)) return false;
  const services = (value as { services?: unknown } | null)?.services ?? {};
  return typeof services === "object" && Object.keys(services).length === 0;
}

function strategyOf(group: Group, settings: ApplicationFile | undefined): Strategy {
  const strategy = group.kind === "root" ? settings?.supervision?.strategy : group.settings?.strategy;
  return strategy ?? "one-for-one";
}

function unknownLogNames(
  main: Finding["source"],
  root: RootGroup,
  settings: ApplicationFile | undefined,
): Finding[] {
  const paths = new Set([...unitsWithin(root)].map((unit) => unit.path));
  return Object.keys(settings?.log?.services ?? {}).filter((name) => !paths.has(name)).map((name) => ({
    source: main,
    path: ["log", "services", name],
    at: "key",
    message: `Cannot set the level of ${quote(name)}: there is no such service or group`,
    ...suggesting(closest(name, paths)),
  }));
}
