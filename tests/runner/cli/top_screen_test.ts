import type { StatusReply, UnitInfo } from "../../../runner/control/api.ts";
import { cutLines } from "../../../runner/cli/top.ts";
import { topScreen } from "../../../runner/cli/top_screen.ts";
import { painter } from "../../../runner/cli/unit_rows.ts";
import { assertEquals, assertMatch } from "../../assert.ts";

function status(now: number, units: readonly Partial<UnitInfo>[]): StatusReply {
  return {
    application: {
      name: "demo",
      version: "1.0.0",
      pid: 42,
      startedAt: 0,
      now,
      ready: true,
      cpuSeconds: now / 10_000,
      residentBytes: 80 * 1024 * 1024,
      loopLag: 2,
    },
    units: units.map((unit, i) => ({
      path: `s${i}`,
      kind: "service",
      state: "ready",
      since: 0,
      restarts: 0,
      connections: 1,
      bytesRead: 0,
      bytesWritten: 0,
      endpoints: ["tcp:127.0.0.1:7007"],
      ...unit,
    })),
  };
}

Deno.test("topScreen() shows states, rates since the look before, and the runner's CPU", () => {
  const before = status(60_000, [{ cpu: 1 }, {}]);
  const now = status(62_000, [
    { bytesRead: 4_096, bytesWritten: 1_048_576, cpu: 1.5, memory: 43 * 1024 * 1024, pid: 77 },
    { state: "backoff", nextAttemptAt: 63_500, lastError: "no disk", restarts: 3 },
  ]);
  assertEquals(
    topScreen({ before, now, height: 24, paint: painter(false) }),
    `demo  up 1m2s, pid 42, CPU 6.2s, 80 MiB, loop lag 2ms
2 services: 1 ready, 1 backoff; runner 10.0 % CPU
SERVICE  STATE     FOR  RESTARTS  CONN     IN/s    OUT/s   CPU  WHERE, OR WHY NOT
s0       ready    1m2s         0     1  2.0 KiB  512 KiB  25 %  pid 77 43 MiB tcp:127.0.0.1:7007
s1       backoff  1m2s         3     1      0 B      0 B        again in 1.5s: no disk
`,
  );
});

Deno.test("topScreen() shows those in trouble where there is no room for all", () => {
  const units = Array.from({ length: 500 }, (_, i) => i === 400 ? { state: "failed" as const } : {});
  const lines = topScreen({ now: status(1_000, units), height: 10, paint: painter(false) }).split("\n");
  assertMatch(lines[3]!, /^s400 {5}failed/);
  assertEquals(lines.slice(-2), ["... and 494 more", ""]);
  assertEquals(lines.length - 1, 10);
});

Deno.test("what could steer a terminal is shown, and lines are cut at its width, colours or not", () => {
  const screen = topScreen({
    now: status(1_000, [{ state: "failed", lastError: "bad \x1b[2J news" }]),
    height: 9,
    paint: painter(false),
  });
  assertMatch(screen, /bad \\x1b\[2J news/);
  assertEquals(cutLines("\x1b[1mabc\x1b[0mdef\nxy", 4), "\x1b[1mabc\x1b[0md\nxy");
});
