/** Content codings that are sent, the preferred first. */
export const codings = ["br", "zstd", "gzip"] as const;

/** A content coding by its registered name. */
export type Coding = typeof codings[number];

const none: readonly Coding[] = [];
/** What the field was found to mean: browsers send few forms of it. */
const known = new Map<string, readonly Coding[]>();
const MOST_KNOWN = 100;

/**
 * The codings that an `accept-encoding` field takes (RFC 9110, section 12.5.3), best first: by the client's
 * weight, then by ours. Those that it likes less than no coding at all are left out.
 */
export function acceptedCodings(field: string | null): readonly Coding[] {
  if (field === null || field === "") return none;
  const before = known.get(field);
  if (before !== undefined) return before;
  const accepted = readCodings(field);
  if (known.size >= MOST_KNOWN) known.clear();
  if (field.length < 256) known.set(field, accepted);
  return accepted;
}

function readCodings(field: string): readonly Coding[] {
  const weights = new Map<string, number>();
  for (const part of field.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
    const weight = parameters.find((text) => text.startsWith("q="))?.slice(2);
    const q = weight === undefined ? 1 : Number(weight);
    if (name !== "") weights.set(name === "x-gzip" ? "gzip" : name, q >= 0 && q <= 1 ? q : 0);
  }
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get("*") ?? 0;
  const plain = weights.get("identity") ?? 0;
  return codings.filter((coding) => weightOf(coding) > 0 && weightOf(coding) >= plain)
    .sort((a, b) => weightOf(b) - weightOf(a));
}
