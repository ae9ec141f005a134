import { LogTail } from "../../../runner/control/log_tail.ts";
import type { LogRecord } from "../../../runner/log/record.ts";
import { assert, assertEquals } from "../../assert.ts";

function record(message: string, more: Partial<LogRecord> = {}): LogRecord {
  return { time: 1_000, level: "info", service: "web", message, fields: {}, ...more };
}

function messages(entries: readonly { message: string }[]): string[] {
  return entries.map(({ message }) => message);
}

Deno.test("LogTail keeps the latest records, numbered, as plain data", () => {
  const tail = new LogTail({ records: 2 });
  for (const name of ["a", "b"]) tail.add(record(name));
  tail.add(record("c", { fields: { error: new TypeError("no"), big: 1n } }));
  const [b, c] = tail.query();
  assertEquals([b!.sequence, b!.message, c!.sequence], [2, "b", 3]);
  const { error, big } = JSON.parse(JSON.stringify(c!.fields));
  assertEquals([error.name, error.message, big], ["TypeError", "no", "1"]);
});

Deno.test("LogTail keeps no more than so many characters, and goes on for long", () => {
  const tail = new LogTail({ records: 100, characters: 1_000 });
  for (let i = 0; i < 5_000; i++) tail.add(record(`${i} ${"x".repeat(100)}`));
  const kept = tail.query();
  assert(kept.length > 0 && kept.length < 10, `${kept.length} are kept`);
  assertEquals(kept.at(-1)!.sequence, 5_000);
});

Deno.test("LogTail tells records by level, service, group, sequence and number", () => {
  const tail = new LogTail();
  tail.add(record("debug", { level: "debug" }));
  tail.add(record("web"));
  tail.add(record("store", { service: "backend.store", level: "error" }));
  tail.add(record("other", { service: "backend2" }));
  assertEquals(messages(tail.query({ level: "info" })), ["web", "store", "other"]);
  assertEquals(messages(tail.query({ service: "backend" })), ["store"]);
  assertEquals(messages(tail.query({ after: 2 })), ["store", "other"]);
  assertEquals(messages(tail.query({ limit: 1 })), ["other"]);
  assertEquals(messages(tail.query({ limit: 1, level: "error" })), ["store"]);
});

Deno.test("LogTail tells its followers what comes, and what they log themselves to nobody", () => {
  const tail = new LogTail();
  const heard: string[] = [];
  const end = tail.follow(({ message }) => {
    heard.push(message);
    tail.add(record("from a follower", { level: "error" }));
  }, { level: "warn" });
  tail.add(record("quiet"));
  tail.add(record("loud", { level: "warn" }));
  end();
  tail.add(record("late", { level: "warn" }));
  assertEquals(heard, ["loud"]);
  assertEquals(messages(tail.query()), ["quiet", "loud", "from a follower", "late"]);
});
