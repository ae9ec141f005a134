import type { InstanceStats } from "../host/host.ts";
import { obstacles } from "./_launching.ts";
import type { LifeId } from "./_messages.ts";
import type { Unit } from "./_unit.ts";
import type { UnitStatus } from "../../services/supervision/status.ts";

/** How `unit` is doing; `stats` counts what its instance has. */
export function statusOf(unit: Unit, stats: (life: LifeId) => InstanceStats | undefined): UnitStatus {
  const { path, kind, state, since, restarts, lastError } = unit;
  const life = unit.kind === "service" ? unit.life : null;
  return {
    path,
    kind,
    state,
    since,
    restarts,
    ...(lastError === null ? {} : { lastError }),
    ...(state === "backoff" ? { nextAttemptAt: unit.nextAttemptAt } : {}),
    ...(unit.kind === "service" && state === "waiting" ? { waitsFor: obstacles(unit) } : {}),
    ...(life === null ? {} : stats(life.id)),
  };
}
