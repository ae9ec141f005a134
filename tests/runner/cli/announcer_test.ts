import { Announcer } from "../../../runner/cli/announcer.ts";
import type { Log } from "../../../runner/log/log.ts";
import type { StateChange, SupervisorEvent } from "../../../runner/supervisor/events.ts";
import type { LogFields, Logger } from "../../../services/log.ts";
import { Clock } from "../../../services/async/clock.ts";
import { UNIT_DEFAULTS } from "../../../services/application_spec.ts";
import { assertEquals } from "../../assert.ts";
import { RecordingOutput } from "./recording_io.ts";

/** Keeps each record as a line. */
class RecordingLog implements Pick<Log, "logger"> {
  readonly records: string[] = [];

  logger(path = "heddle"): Logger {
    const keep = (level: string) => (message: string, fields?: LogFields) =>
      void this.records.push(
        `${level} ${path}: ${message}${fields === undefined ? "" : ` ${JSON.stringify(fields)}`}`,
      );
    return { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
  }
}

function change(path: string, to: StateChange["to"], at: number): SupervisorEvent {
  return { kind: "state", path, unit: "service", from: "waiting", to, at };
}

const STARTS: readonly SupervisorEvent[] = [
  change("web", "starting", 10),
  change("cron", "starting", 11),
  change("web", "ready", 12.5),
  change("cron", "backoff", 13),
  change("cron", "starting", 113),
  change("cron", "ready", 115),
];

const LATER: readonly SupervisorEvent[] = [
  change("web", "backoff", 200),
  change("web", "starting", 300),
  change("web", "ready", 301),
];

interface Scene {
  readonly screen: RecordingOutput;
  readonly records: string[];
  readonly announcer: Announcer;
  readonly clock: Clock;
  /** How often the status was asked for. */
  asked: number;
}

function scene(options: { terminal: boolean; logOnScreen: boolean }): Scene {
  const screen = new RecordingOutput(true);
  const log = new RecordingLog();
  const clock = new Clock();
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
    uptime: () => 150,
  });
  const made: Scene = { screen, records: log.records, announcer, clock, asked: 0 };
  const unit = { kind: "service", state: "ready", since: 0, restarts: 0 } as const;
  announcer.attach({
    time: clock,
    status() {
      made.asked += 1;
      const endpoints = [{ transport: "tcp", hostname: "127.0.0.1", port: 80 }] as const;
      return [{ ...unit, path: "web", endpoints }, { ...unit, path: "cron" }];
    },
  });
  return made;
}

/** Tell the whole story, each event in a turn of its own. */
function tell({ announcer, clock }: Scene): void {
  for (const event of STARTS) {
    announcer.announce(event);
    clock.advance(1);
  }
  announcer.announce({ kind: "ready", at: 115 });
  for (const event of LATER) {
    announcer.announce(event);
    clock.advance(1);
  }
}

const LINES = "  web       tcp:127.0.0.1:80  (2.5 ms)\n  cron      (2.0 ms)\ndemo: ready in 150 ms\n";
const WEB = `info web: Started {"endpoints":["tcp:127.0.0.1:80"],"took":2.5}`;
const CRON = `info cron: Started {"endpoints":[],"took":2}`;
const WEB_AGAIN = `info web: Started {"endpoints":["tcp:127.0.0.1:80"],"took":1}`;

Deno.test("Announcer shows who watches a line per service, and logs there what follows", () => {
  const watched = scene({ terminal: true, logOnScreen: true });
  tell(watched);
  assertEquals(watched.screen.text, LINES);
  assertEquals(watched.records, [WEB_AGAIN]);
});

Deno.test("Announcer logs every start where nobody watches", () => {
  const unwatched = scene({ terminal: false, logOnScreen: false });
  tell(unwatched);
  assertEquals(unwatched.screen.text, "");
  assertEquals(unwatched.records, [WEB, CRON, WEB_AGAIN]);
});

Deno.test("Announcer shows the lines and logs every start too when the log goes to a file", () => {
  const both = scene({ terminal: true, logOnScreen: false });
  tell(both);
  assertEquals(both.screen.text, LINES);
  assertEquals(both.records, [WEB, CRON, WEB_AGAIN]);
});

Deno.test("Announcer asks once for the status of all that become ready in one turn", () => {
  const unwatched = scene({ terminal: false, logOnScreen: false });
  for (const event of STARTS) unwatched.announcer.announce(event);
  unwatched.announcer.announce({ kind: "ready", at: 115 });
  unwatched.clock.advance(1);
  assertEquals(unwatched.asked, 1);
  assertEquals(unwatched.records, [WEB, CRON]);
});

Deno.test("Announcer keeps the runner's log to what is amiss, only while the lines are shown on the same screen", () => {
  const watched = scene({ terminal: true, logOnScreen: true });
  const log = watched.announcer.runnerLog();
  log.info("Service ready");
  log.warn("Service is to be restarted");
  watched.announcer.announce({ kind: "ready", at: 0 });
  log.info("Application reloaded");
  assertEquals(watched.records, [
    "warn heddle: Service is to be restarted",
    "info heddle: Application reloaded",
  ]);

  const unwatched = scene({ terminal: false, logOnScreen: false });
  unwatched.announcer.runnerLog().info("Service ready");
  assertEquals(unwatched.records, ["info heddle: Service ready"]);
});

Deno.test("Announcer lets the log speak again when the start is broken off", () => {
  const watched = scene({ terminal: true, logOnScreen: true });
  watched.announcer.announce(change("web", "starting", 10));
  watched.announcer.announce(change("web", "draining", 20));
  watched.announcer.runnerLog().info("Application ended");
  assertEquals(watched.records, ["info heddle: Application ended"]);
});
