import { printableJson } from "./_printable.ts";
import { type PlainValue, plainValue } from "./plain_value.ts";
import type { LogRecord } from "./record.ts";

// `__proto__` because assigning to it would set the prototype instead.
const RESERVED = new Set(["time", "level", "service", "message", "__proto__"]);

/**
 * One JSON object per line: `time` (ISO 8601, UTC), `level`, `service`, `message`, then the record's fields.
 * A field that bears one of those names gets an underscore after it.
 */
export function formatJsonLine(record: LogRecord): string {
  const line: Record<string, PlainValue> = {
    time: new Date(record.time).toISOString(),
    level: record.level,
    service: record.service,
    message: record.message,
  };
  for (const [key, value] of Object.entries(record.fields)) {
    if (value !== undefined) line[RESERVED.has(key) ? `${key}_` : key] = plainValue(value);
  }
  return `${printableJson(JSON.stringify(line))}\n`;
}
