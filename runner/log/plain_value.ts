/** What JSON can say. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** How deep a value is followed; what lies below is named only. */
const MAX_DEPTH = 6;
/** Members of one object or array that are shown. */
const MAX_MEMBERS = 100;
/** Characters of one string that are shown. */
const MAX_TEXT = 16 * 1024;

/**
 * Any value as plain data of bounded size, so that no field of a record can make logging fail: errors with
 * their name, message, stack and cause, bytes by their number, cycles and getters that throw by a remark.
 */
export function plainValue(value: unknown): PlainValue {
  return follow(value, []);
}

function follow(value: unknown, above: readonly object[]): PlainValue {
  switch (typeof value) {
    case "string":
      return cut(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "object":
      return value === null ? null : followObject(value, above);
    case "undefined":
      return null;
    case "function":
      return `[function ${value.name || "anonymous"}]`;
    default:
      return String(value);
  }
}

function followObject(value: object, above: readonly object[]): PlainValue {
  if (above.includes(value)) return "[circular]";
  if (above.length === MAX_DEPTH) return Array.isArray(value) ? "[array]" : "[object]";
  const path = [...above, value];
  try {
    if (value instanceof Error) return describeError(value, path);
    if (Array.isArray(value)) return followList(value, path);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    if (value instanceof Set) return followList([...value], path);
    if (value instanceof Map) {
      return followMembers([...value].map(([key, member]) => [String(key), member]), path);
    }
    if (value instanceof URL || value instanceof RegExp) return cut(String(value));
    return followMembers(Object.entries(value), path);
  } catch {
    return "[unreadable]";
  }
}

function describeError(error: Error, path: readonly object[]): PlainValue {
  const described: Record<string, PlainValue> = { name: error.name, message: cut(error.message) };
  if ("code" in error && error.code !== undefined) described["code"] = follow(error.code, path);
  if (error.stack !== undefined) described["stack"] = cut(error.stack);
  if (error.cause !== undefined) described["cause"] = follow(error.cause, path);
  if (error instanceof AggregateError) described["errors"] = followList(error.errors, path);
  return described;
}

function followList(list: readonly unknown[], path: readonly object[]): PlainValue {
  const shown = list.slice(0, MAX_MEMBERS).map((member) => follow(member, path));
  return list.length > MAX_MEMBERS ? [...shown, `[${list.length - MAX_MEMBERS} more]`] : shown;
}

function followMembers(
  members: readonly (readonly [string, unknown])[],
  path: readonly object[],
): PlainValue {
  const shown = members.slice(0, MAX_MEMBERS)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]): [string, PlainValue] => [cut(key), follow(member, path)]);
  if (members.length > MAX_MEMBERS) shown.push(["...", `[${members.length - MAX_MEMBERS} more]`]);
  return Object.fromEntries(shown);
}

function cut(text: string): string {
  return text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT)} [${text.length - MAX_TEXT} characters more]`;
}
