import type { GroupSpec, ServiceSpec } from "../../services/application_spec.ts";
import { type Address, formatAddress } from "../../services/reactor/address.ts";
import { childPath } from "../supervisor/dependencies.ts";

const MIN_WIDTH = 8;
const MAX_WIDTH = 32;

/** How wide the column of names must be for the services of a group, within reason. */
export function nameWidth(root: GroupSpec): number {
  let width = MIN_WIDTH;
  const units: { path: string; unit: ServiceSpec | GroupSpec }[] = [{ path: "", unit: root }];
  for (let next = units.pop(); next !== undefined; next = units.pop()) {
    const { path, unit } = next;
    if (unit.kind === "service") width = Math.max(width, path.length);
    else units.push(...unit.children.map((child) => ({ path: childPath(path, child.name), unit: child })));
  }
  return Math.min(width, MAX_WIDTH);
}

/** `  echo      tcp:127.0.0.1:7007  udp:127.0.0.1:7007  (1.4 ms)` */
export function readyLine(path: string, endpoints: readonly Address[], took: number, width: number): string {
  const words = [path.padEnd(width), ...endpoints.map(formatAddress), `(${milliseconds(took)})`];
  return `  ${words.join("  ")}\n`;
}

/** `demo: ready in 48 ms` */
export function applicationReadyLine(name: string, took: number): string {
  return `${name}: ready in ${Math.round(took)} ms\n`;
}

function milliseconds(took: number): string {
  return `${took < 10 ? took.toFixed(1) : Math.round(took)} ms`;
}
