import type { FieldIndex } from "../_field_index.ts";

/** By length: fields that are for one connection alone (RFC 9110, section 7.6.1), or frame what is framed anew. */
const hopByHop: ReadonlyMap<number, readonly string[]> = byLength([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Names of fields, in lower case, by their length. */
export function byLength(names: readonly string[]): ReadonlyMap<number, readonly string[]> {
  return Map.groupBy(names, ({ length }) => length);
}

/** Whether `field` has one of the names. */
export function isAmong(
  names: ReadonlyMap<number, readonly string[]>,
  fields: FieldIndex,
  field: number,
  text: string,
): boolean {
  const candidates = names.get(fields.nameLength(field));
  return candidates !== undefined && candidates.some((name) => fields.isNamed(field, name, text));
}

/** Whether `field` goes no further than this connection, whatever `Connection` says. */
export function isHopByHop(fields: FieldIndex, field: number, text: string): boolean {
  return isAmong(hopByHop, fields, field, text);
}

/** The fields that `Connection` names as being for this connection; null as a rule, when there are none. */
export function namedByConnection(
  fields: FieldIndex,
  text: string,
): ReadonlyMap<number, readonly string[]> | null {
  const named: string[] = [];
  for (let field = 0; field < fields.count; field++) {
    if (fields.nameLength(field) !== 10 || !fields.isNamed(field, "connection", text)) continue;
    const value = fields.value(field, text).toLowerCase();
    if (value === "keep-alive" || value === "close") continue;
    named.push(...value.split(",").map((name) => name.trim()));
  }
  return named.length === 0 ? null : byLength(named);
}
