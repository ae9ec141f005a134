import type { ApplicationSpec, GroupSpec, ServiceSpec, UnitSpec } from "../../services/application_spec.ts";
import { childPath } from "./dependencies.ts";
import type { ReloadPlan, ReloadStep } from "../../services/supervision/reload.ts";

/** What it takes to get from one application to another. Compares; changes nothing. */
export function planReload(from: ApplicationSpec, to: ApplicationSpec): ReloadPlan {
  const removals: ReloadStep[] = [];
  const steps: ReloadStep[] = [];
  const pairs: { path: string; old: GroupSpec; new: GroupSpec }[] = [{
    path: "",
    old: from.root,
    new: to.root,
  }];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    if (groupSettings(pair.old) !== groupSettings(pair.new)) {
      steps.push({ path: pair.path, action: "settings" });
    }
    const old = new Map(pair.old.children.map((spec) => [spec.name, spec]));
    const groups: typeof pairs = [];
    for (const spec of pair.new.children) {
      const path = childPath(pair.path, spec.name);
      const before = old.get(spec.name);
      if (before?.kind === spec.kind) old.delete(spec.name);
      if (before === undefined || before.kind !== spec.kind) steps.push({ path, action: "add" });
      else if (spec.kind === "service") steps.push(...serviceStep(path, before as ServiceSpec, spec));
      else groups.push({ path, old: before as GroupSpec, new: spec });
    }
    for (const name of old.keys()) removals.push({ path: childPath(pair.path, name), action: "remove" });
    pairs.push(...groups.reverse());
  }
  return { steps: [...removals, ...steps] };
}

/** A plan as lines for a terminal, `~ web: replace (overlap)`; `nothing changes` when it is empty. */
export function formatReloadPlan(plan: ReloadPlan): string {
  if (plan.steps.length === 0) return "nothing changes";
  return plan.steps.map(formatReloadStep).join("\n");
}

/** One step as a line. */
export function formatReloadStep({ path, action, replace }: ReloadStep): string {
  const sign = action === "add" ? "+" : action === "remove" ? "-" : "~";
  const how = replace === undefined
    ? ""
    : action === "reload"
    ? `, else replace (${replace})`
    : ` (${replace})`;
  return `${sign} ${path === "" ? "(root)" : path}: ${action}${how}`;
}

function serviceStep(path: string, from: ServiceSpec, to: ServiceSpec): ReloadStep[] {
  if (from.fingerprint !== to.fingerprint) {
    const action = hosting(from) === hosting(to) ? "reload" : "replace";
    return [{ path, action, replace: to.replace }];
  }
  return serviceSettings(from) === serviceSettings(to) ? [] : [{ path, action: "settings" }];
}

function hosting(spec: ServiceSpec): string | undefined {
  return spec.hosting ?? spec.plugin;
}

function unitSettings(spec: UnitSpec): unknown[] {
  const { after, needs, restart, significant, backoff, giveUp } = spec;
  return [
    after,
    needs,
    restart,
    significant,
    [backoff.initial, backoff.factor, backoff.max, backoff.resetAfter],
    giveUp && [giveUp.failures, giveUp.within],
  ];
}

function serviceSettings(spec: ServiceSpec): string {
  const { startTimeout, stopTimeout, needsGrace, holdFor, healthInterval, replace } = spec;
  const own = [startTimeout, stopTimeout, needsGrace, holdFor, healthInterval, replace];
  return JSON.stringify([...unitSettings(spec), ...own]);
}

function groupSettings(spec: GroupSpec): string {
  return JSON.stringify([...unitSettings(spec), spec.strategy]);
}
