import { Announcer } from "../../../runner/cli/announcer.ts";
import type { Log } from "../../../runner/log/log.ts";
import type { StateChange, SupervisorEvent } from "../../../runner/supervisor/events.ts";
import type { LogFields, Logger } from "../../../services/log.ts";
import { UNIT_DEFAULTS } from "../../../services/application_spec.ts";
import { assertEquals } from "../../assert.ts";
import { RecordingOutput } from "./recording_io.ts";

/** Keeps the service and the message of each record. */
class RecordingLog implements Pick<Log, "logger"> {
  readonly records: string[] = [];

  logger(path = "heddle"): Logger {
    const keep = (level: string) => (message: string, _fields?: LogFields) =>
      void this.records.push(`${level} ${path}: ${message}`);
    return { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
  }
}

function change(path: string, to: StateChange["to"], at: number): SupervisorEvent {
  return { kind: "state", path, unit: "service", from: "waiting", to, at };
}

const STORY: readonly SupervisorEvent[] = [
  change("web", "starting", 10),
  change("cron", "starting", 11),
  change("web", "ready", 12.5),
  change("cron", "backoff", 13),
  change("cron", "starting", 113),
  change("cron", "ready", 115),
  { kind: "ready", at: 115 },
  change("web", "backoff", 200),
  change("web", "starting", 300),
  change("web", "ready", 301),
];

function told(options: { terminal: boolean; logOnScreen: boolean }): { screen: string; records: string[] } {
  const screen = new RecordingOutput(true);
  const log = new RecordingLog();
  const announcer = new Announcer({
    spec: {
      name: "demo",
      root: {
        kind: "group",
        name: "",
        ...UNIT_DEFAULTS,
        giveUp: null,
        strategy: "one-for-one",
        children: [],
      },
    },
    log,
    screen: options.terminal ? screen : null,
    logOnScreen: options.logOnScreen,
    endpoints: (path) => path === "web" ? [{ transport: "tcp", hostname: "127.0.0.1", port: 80 }] : [],
    uptime: () => 150,
  });
  for (const event of STORY) announcer.announce(event);
  return { screen: screen.text, records: log.records.filter((record) => !record.startsWith("debug")) };
}

const LINES = "  web       tcp:127.0.0.1:80  (2.5 ms)\n  cron      (2.0 ms)\ndemo: ready in 150 ms\n";

Deno.test("Announcer shows who watches a line per service, and logs the rest there", () => {
  assertEquals(told({ terminal: true, logOnScreen: true }), {
    screen: LINES,
    records: [
      "warn cron: Failed, will be started again",
      "warn web: Failed, will be started again",
      "info web: Ready",
    ],
  });
});

Deno.test("Announcer logs everything where nobody watches", () => {
  assertEquals(told({ terminal: false, logOnScreen: false }), {
    screen: "",
    records: [
      "info web: Ready",
      "warn cron: Failed, will be started again",
      "info cron: Ready",
      "info heddle: Application ready",
      "warn web: Failed, will be started again",
      "info web: Ready",
    ],
  });
});

Deno.test("Announcer shows the lines and logs everything too when the log goes to a file", () => {
  const { screen, records } = told({ terminal: true, logOnScreen: false });
  assertEquals(screen, LINES);
  assertEquals(records.length, 6);
});
