import { cronSchedule, periodicSchedule } from "../../../plugins/task/schedule.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

const at = (text: string): number => Date.parse(text);
const shown = (time: number | null): string | null => time === null ? null : new Date(time).toISOString();

Deno.test("a cron expression has five fields, six with seconds, or is a nickname", () => {
  const from = at("2026-03-10T10:30:15Z");
  assertEquals(shown(cronSchedule("0 3 * * *", "UTC").next(from)), "2026-03-11T03:00:00.000Z");
  assertEquals(shown(cronSchedule("*/20 * * * * *", "UTC").next(from)), "2026-03-10T10:30:20.000Z");
  assertEquals(shown(cronSchedule("@monthly", "UTC").next(from)), "2026-04-01T00:00:00.000Z");
});

Deno.test("a schedule is of its time zone, also when that changes its clocks", () => {
  const berlin = cronSchedule("30 2 * * *", "Europe/Berlin");
  assertEquals(shown(berlin.next(at("2026-03-27T12:00:00Z"))), "2026-03-28T01:30:00.000Z");
  // Summer time begins on the 29th at 2:00: that night has no 2:30, and the task runs at 3:00, once.
  const night = berlin.next(at("2026-03-28T12:00:00Z"))!;
  assertEquals(shown(night), "2026-03-29T01:00:00.000Z");
  assertEquals(shown(berlin.next(night)), "2026-03-30T00:30:00.000Z");
  // It ends on October 25th: 2:30 comes twice, and the task runs at one of them.
  const autumn = berlin.next(at("2026-10-24T12:00:00Z"))!;
  assertEquals(new Date(berlin.next(autumn)!).getUTCDate(), 26);
});

Deno.test("what cannot be read is refused", () => {
  assertThrows(() => cronSchedule("0 25 * * *"), RangeError);
  assertThrows(() => cronSchedule("never"), RangeError);
  assertThrows(() => cronSchedule("0 3 * * *", "Europe/Atlantis"), RangeError);
});

Deno.test("a period keeps to the phase of its start", () => {
  const schedule = periodicSchedule(1000, 500);
  assertEquals([0, 500, 501, 1499, 1500, 5700].map((time) => schedule.next(time)), [
    1500,
    1500,
    1500,
    1500,
    2500,
    6500,
  ]);
});
