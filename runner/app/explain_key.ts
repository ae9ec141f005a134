import { quote } from "../../services/text/quote.ts";
import type { Finding } from "./finding.ts";
import type { Path } from "./path.ts";
import { applicationFileSchema, serviceSchema } from "./schema.ts";

/** Say more of a unit's keys that are unknown where they stand, but not everywhere. `at`: where the unit is. */
export function explainUnitKey(finding: Finding, at: Path, isGroup: boolean): Finding {
  const key = finding.path[at.length];
  const isOwnKey = finding.at === "key" && finding.path.length === at.length + 1;
  if (!isOwnKey || typeof key !== "string") return finding;
  const reason = reasonAgainst(key, isGroup);
  return reason === undefined ? finding : explained(finding, `Cannot use ${quote(key)}${reason}`);
}

function reasonAgainst(key: string, isGroup: boolean): string | undefined {
  if (isGroup && Object.hasOwn(serviceSchema.shape, key)) {
    return ' in a group: what has "services" is no service itself';
  }
  if (!isGroup && key === "strategy") return ' in a service: it is for groups, which have "services"';
  return undefined;
}

/** Say of a key of an included file that it belongs in the main one, if it does. */
export function explainIncludedKey(finding: Finding): Finding {
  const key = String(finding.path.at(-1));
  if (finding.path.length !== 1 || !Object.hasOwn(applicationFileSchema.shape, key)) return finding;
  return explained(finding, `Cannot set ${quote(key)} in an included file: it belongs in the main one`);
}

/** With another message, and no suggestion of another key. */
function explained({ suggestion: _, ...finding }: Finding, message: string): Finding {
  return { ...finding, message };
}
