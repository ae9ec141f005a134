import { StartScreen } from "../../../runner/cli/start_screen.ts";
import { UNIT_DEFAULTS } from "../../../services/application_spec.ts";
import { assertEquals } from "../../assert.ts";
import { RecordingOutput } from "./recording_io.ts";

const WEB = {
  path: "web",
  endpoints: [{ transport: "tcp", hostname: "127.0.0.1", port: 80 }],
  took: 2.5,
} as const;
const CRON = { path: "cron", endpoints: [], took: 2 };

function screenOf(output: RecordingOutput): StartScreen {
  const root = {
    ...UNIT_DEFAULTS,
    kind: "group",
    name: "",
    giveUp: null,
    strategy: "one-for-one",
    children: [],
  } as const;
  return new StartScreen({ spec: { name: "demo", root }, screen: output, uptime: () => 150 });
}

Deno.test("StartScreen shows a line per service until the application is ready", () => {
  const output = new RecordingOutput(true);
  const screen = screenOf(output);
  screen.started(WEB);
  screen.started(CRON);
  assertEquals(screen.starting, true);
  screen.see({ kind: "ready", at: 115 });
  screen.started(WEB);
  screen.see({ kind: "ready", at: 200 });
  assertEquals(screen.starting, false);
  assertEquals(
    output.text,
    "  web       tcp:127.0.0.1:80  (2.5 ms)\n  cron      (2.0 ms)\ndemo: ready in 150 ms\n",
  );
});

Deno.test("StartScreen is done when the application is stopped before it was ready", () => {
  const output = new RecordingOutput(true);
  const screen = screenOf(output);
  screen.see({ kind: "state", path: "web", unit: "service", from: "starting", to: "draining", at: 1 });
  assertEquals(screen.starting, false);
  screen.started(WEB);
  assertEquals(output.text, "");
});
