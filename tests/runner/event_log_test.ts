import { EventLog } from "../../runner/event_log.ts";
import { TimeoutError } from "../../services/async/errors.ts";
import { type LogFields, silentLogger } from "../../services/log.ts";
import type { StateChange, SupervisorEvent } from "../../services/supervision/events.ts";
import { assertEquals } from "../assert.ts";
import { RecordingLogs } from "./recording_logs.ts";

function change(to: StateChange["to"], more: Partial<StateChange> = {}): SupervisorEvent {
  return { kind: "state", path: "web", unit: "service", from: "ready", to, at: 0, ...more };
}

const EVENTS: readonly SupervisorEvent[] = [
  change("starting"),
  change("ready"),
  change("backoff", { reason: "out of luck", attempt: 2, delay: 204.6 }),
  change("failed", { reason: "out of luck" }),
  change("finished"),
  change("stopped"),
  change("stopped", { unit: "group", path: "back" }),
  { kind: "leftovers", path: "web", leftovers: ["1 task"] },
  { kind: "ready", at: 0 },
  { kind: "ended", verdict: { status: 0, reason: "stopped as asked" } },
  { kind: "ended", verdict: { status: 70, reason: "web failed" } },
];

Deno.test("EventLog writes each event under the unit that it is about", () => {
  const logs = new RecordingLogs();
  const eventLog = new EventLog({ log: logs.log, quiet: () => false });
  eventLog.started({
    path: "web",
    endpoints: [{ transport: "tcp", hostname: "127.0.0.1", port: 80 }],
    took: 2.5123,
  });
  for (const event of EVENTS) eventLog.record(event);
  assertEquals(logs.records, [
    `info web: Started {"endpoints":["tcp:127.0.0.1:80"],"took":2.5}`,
    "debug web: Starting",
    `warn web: Failed, will be started again {"reason":"out of luck","attempt":2,"delay":205}`,
    `error web: Failed for good {"reason":"out of luck"}`,
    "info web: Finished",
    "info web: Stopped",
    "debug back: Stopped",
    `warn web: Did not stop in time {"leftovers":["1 task"]}`,
    "info heddle: Application ready",
    `info heddle: Application ended {"status":0,"reason":"stopped as asked"}`,
    `error heddle: Application ended {"status":70,"reason":"web failed"}`,
  ]);
});

Deno.test("EventLog keeps bad news when it is to be quiet", () => {
  const logs = new RecordingLogs();
  const eventLog = new EventLog({ log: logs.log, quiet: () => true });
  eventLog.started({ path: "web", endpoints: [], took: 1 });
  for (const event of EVENTS) eventLog.record(event);
  assertEquals(
    logs.records.filter((record) => !record.startsWith("debug")).map((record) => record.split(":")[0]),
    [
      "warn web",
      "error web",
      "warn web",
      "error heddle",
    ],
  );
});

Deno.test("EventLog keeps the stack of what a service has thrown, and none of what explains itself", () => {
  const told: unknown[] = [];
  const log = { ...silentLogger, warn: (_message: string, fields?: LogFields) => void told.push(fields) };
  const eventLog = new EventLog({ log: () => log, quiet: () => false });
  const thrown = new TypeError("broken");
  eventLog.record(change("backoff", { reason: "broken", error: thrown }));
  eventLog.record(change("backoff", { reason: "late", error: new TimeoutError("late") }));
  assertEquals(told, [{ reason: "broken", error: thrown }, { reason: "late" }]);
});
