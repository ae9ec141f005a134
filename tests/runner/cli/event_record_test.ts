import { type EventContext, type EventRecord, eventRecords } from "../../../runner/cli/event_record.ts";
import type { StateChange, SupervisorEvent } from "../../../runner/supervisor/events.ts";
import { UNIT_STATES } from "../../../runner/supervisor/unit_state.ts";
import { assert, assertEquals } from "../../assert.ts";

function change(to: StateChange["to"], more: Partial<StateChange> = {}): StateChange {
  return { kind: "state", path: "web", unit: "service", from: "starting", to, at: 0, ...more };
}

function eventRecord(event: SupervisorEvent, context: Partial<EventContext> = {}): EventRecord {
  const [record, ...others] = eventRecords(event, { uptime: 0, ...context });
  assertEquals(others, []);
  return record!;
}

/** Without fields that say nothing. */
function tidy({ fields, ...record }: EventRecord): EventRecord {
  return {
    ...record,
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  };
}

Deno.test("eventRecords() tells where a service listens once it is ready, and what its start took", () => {
  const endpoints = [{ transport: "tcp", hostname: "::1", port: 80 }, {
    transport: "unix",
    path: "/x",
  }] as const;
  assertEquals(tidy(eventRecord(change("ready"), { readiness: { endpoints, took: 12.3456 } })), {
    level: "info",
    path: "web",
    message: "Ready",
    fields: { endpoints: ["tcp:[::1]:80", "unix:/x"], took: 12.3 },
  });
});

Deno.test("eventRecords() warns of a failure with its reason and the next attempt", () => {
  const event = change("backoff", { reason: "no disk", attempt: 3, delay: 400 });
  assertEquals(tidy(eventRecord(event)), {
    level: "warn",
    path: "web",
    message: "Failed, will be started again",
    fields: { reason: "no disk", attempt: 3, delay: 400 },
  });
});

Deno.test("eventRecords() has words for every state, and keeps groups in the background", () => {
  const messages = UNIT_STATES.map((to) => {
    const group = eventRecord(change(to, { unit: "group" })).level;
    assertEquals(group, to === "failed" ? "error" : "debug", to);
    return eventRecord(change(to)).message;
  });
  assertEquals(new Set(messages).size, UNIT_STATES.length);
  assert(messages.every((message) => message !== ""));
});

Deno.test("eventRecords() tells each step of a reload, and is loud about what failed", () => {
  const records = eventRecords({
    kind: "reloaded",
    report: {
      results: [
        { path: "web", action: "replace", replace: "overlap", result: "done" },
        { path: "backend.store", action: "add", result: "failed", reason: "no disk" },
      ],
    },
  }, { uptime: 0 });
  assertEquals(records.map(tidy), [
    { level: "info", path: "web", message: "Reload: replace done", fields: { replace: "overlap" } },
    { level: "error", path: "backend.store", message: "Reload: add failed", fields: { reason: "no disk" } },
    { level: "error", message: "Application reloaded in part", fields: { changes: 2, failures: 1 } },
  ]);
});

Deno.test("eventRecords() of a reload that changed nothing says so", () => {
  assertEquals(eventRecord({ kind: "reloaded", report: { results: [] } }), {
    level: "info",
    message: "Application reloaded",
    fields: { changes: 0 },
  });
});

Deno.test("eventRecords() tells how long the process took to be ready", () => {
  assertEquals(eventRecord({ kind: "ready", at: 5 }, { uptime: 48.26 }).fields, { took: 48.3 });
});

Deno.test("eventRecords() tells the verdict at the end, as an error unless it is 0", () => {
  const ended = (status: 0 | 69) => eventRecord({ kind: "ended", verdict: { status, reason: "why" } });
  assertEquals([ended(0).level, ended(69).level], ["info", "error"]);
  assertEquals(ended(69).fields, { status: 69, reason: "why" });
});
