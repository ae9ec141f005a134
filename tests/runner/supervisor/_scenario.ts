import fc from "fast-check";
import type {
  ApplicationSpec,
  GroupSpec,
  Restart,
  ServiceSpec,
  Strategy,
} from "../../../services/application_spec.ts";
import type { Script } from "./_fake_host.ts";
import type { ElectionTimes } from "./_model.ts";
import { group, service } from "./_specs.ts";

/**
 * Random applications and what happens to them. Times are whole and taken from wide ranges, so that two things
 * happen at the same time only if one brings about the other.
 */

/** A unit to be; numbers are turned into names and times by {@linkcode toSpec}. */
interface Draft {
  readonly children: readonly Draft[] | null;
  readonly restart: Restart;
  readonly strategy: Strategy;
  readonly significant: boolean;
  readonly giveUp: number | null;
  readonly needs: readonly number[];
  readonly after: readonly number[];
  readonly overlap: boolean;
  readonly singleton: boolean;
}

/** What an operator does, when, and to what. */
export interface Action {
  readonly wait: number;
  readonly kind: "start" | "stop" | "restart" | "apply" | "shutDown" | "force";
  readonly target: number;
}

/** One random case. */
export interface Scenario {
  readonly root: Draft;
  readonly actions: readonly Action[];
  /** What services do and how long units wait follow from it. */
  readonly seed: number;
  /** How troublesome services are, from 0. */
  readonly trouble: number;
  readonly draw: number;
}

const restart = fc.constantFrom<Restart>("permanent", "permanent", "transient", "temporary");
const strategy = fc.constantFrom<Strategy>("one-for-one", "rest-for-one", "one-for-all");
const units = fc.array(fc.nat(20), { maxLength: 2 });

const draft = fc.letrec<{ draft: Draft; children: readonly Draft[] | null }>((tie) => ({
  draft: fc.record({
    children: tie("children"),
    restart,
    strategy,
    significant: fc.boolean().map((value) => value),
    giveUp: fc.option(fc.nat(2), { freq: 2 }),
    needs: units,
    after: units,
    overlap: fc.boolean(),
    singleton: fc.nat(3).map((n) => n === 0),
  }),
  children: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.array(tie("draft"), { minLength: 1, maxLength: 4 }) },
  ),
})).draft;

const action: fc.Arbitrary<Action> = fc.record({
  wait: fc.nat(4_000_000).map((n) => n * 1_009),
  kind: fc.constantFrom(
    "start",
    "stop",
    "restart",
    "apply",
    "start",
    "stop",
    "restart",
    "apply",
    "shutDown",
    "force",
  ),
  target: fc.nat(20),
});

/** Any scenario. */
export const scenario: fc.Arbitrary<Scenario> = fc.record({
  root: fc.tuple(draft, fc.array(draft, { minLength: 1, maxLength: 5 })).map(([root, children]) => ({
    ...root,
    children,
  })),
  actions: fc.array(action, { maxLength: 8 }),
  seed: fc.nat(),
  trouble: fc.nat(10),
  draw: fc.constantFrom(0, 0.25, 0.5, 0.75, 1),
});

/** A whole number below `below` that depends on nothing but what it is made of. */
export function pick(below: number, ...of: (string | number)[]): number {
  // FNV-1a, then a finalizer to spread it.
  let hash = 0x811c9dc5;
  for (const char of of.join("/")) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % below;
}

/** The application of a scenario; after `edits` reloads it is another. */
export function toSpec({ root, seed }: Scenario, edits: number): ApplicationSpec {
  // Only what was declared before, and is not a group around it: neither cycles nor contradictions.
  const declared: string[] = [];
  const make = (draft: Draft, name: string, path: string): ServiceSpec | GroupSpec => {
    const [needs, after] = [draft.needs, draft.after].map((numbers) =>
      declared.length === 0
        ? []
        : numbers.filter((n) => n % 2 === 0).map((n) => declared[n % declared.length]!)
    ) as [string[], string[]];
    const common = {
      needs,
      after,
      restart: draft.restart,
      significant: draft.significant && draft.giveUp !== null,
      giveUp: draft.giveUp === null ? null : { failures: draft.giveUp, within: 4_000_000_003 },
      backoff: { initial: 64_000_000, factor: 2, max: 1_024_000_000, resetAfter: 2_000_000_003 },
    };
    if (draft.children !== null) {
      const children = draft.children.flatMap((child, i) => {
        const at = path === "" ? `${i}` : `${path}.${i}`;
        return isThere(seed, at, edits) ? [make(child, `${i}`, at)] : [];
      });
      declared.push(path);
      return group(name, children, { ...common, strategy: draft.strategy });
    }
    declared.push(path);
    const version = versionOf(seed, path, edits);
    return service(name, {
      ...common,
      startTimeout: 700_000_001 + pick(300_000_000, seed, path, "startTimeout"),
      stopTimeout: 100_000_001 + pick(300_000_000, seed, path, "stopTimeout"),
      needsGrace: 1 + pick(1_000_000_000, seed, path, "needsGrace", edits),
      healthInterval: 0,
      replace: draft.overlap ? "overlap" : "exclusive",
      fingerprint: `${version}`,
      plugin: `${version % 2}`,
      singleton: draft.singleton,
    });
  };
  return { name: "random", root: make(root, "", "") as GroupSpec };
}

function isThere(seed: number, path: string, edits: number): boolean {
  return pick(5, seed, path, "there", edits) > 0;
}

function versionOf(seed: number, path: string, edits: number): number {
  return edits === 0 ? 0 : pick(5, seed, path, "version", edits);
}

/** What the `n`th life of the service at `path` does. */
export function scriptOf({ seed, trouble }: Scenario): (path: string, n: number) => Script {
  return (path, n) => {
    const chance = (percent: number, what: string): boolean =>
      pick(1_000, seed, path, n, what) < percent * trouble;
    const start = chance(10, "hangs at start") ? "hang" : 1 + pick(800_000_000, seed, path, n, "start");
    return {
      start,
      ...(chance(25, "fails to start") ? { startError: new Error("no start") } : {}),
      ...(chance(70, "ends") ? { endsAfter: 1 + pick(3_000_000_000, seed, path, n, "ends after") } : {}),
      ending: chance(25, "finishes") ? { kind: "finished" } : { kind: "failed", error: new Error("crash") },
      stop: chance(10, "hangs at stop") ? "hang" : 1 + pick(400_000_000, seed, path, n, "stop"),
      ...(pick(2, seed, path, n, "reload") === 0 ? {} : { reload: () => Promise.resolve(false) }),
    };
  };
}

/** When the singletons of a scenario are elected. */
export function electionsOf({ seed }: Scenario): ElectionTimes {
  return {
    winsAfter: (path, now) =>
      pick(10, seed, path, now, "never elected") === 0
        ? Infinity
        : 1 + pick(500_000_000, seed, path, now, "wins after"),
    termOf: (path, now) => 1 + pick(4_000_000_000, seed, path, now, "term"),
  };
}
