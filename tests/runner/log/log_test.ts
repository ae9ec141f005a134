import { configureSync, getLogger, resetSync } from "@logtape/logtape";
import { type Log, type LogEnvironment, openLog } from "../../../runner/log/log.ts";
import { LOG_FILE_DEFAULTS } from "../../../services/log_file/log_file_options.ts";
import { LOG_DEFAULTS, type LogOptions } from "../../../runner/log/options.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";

class Screen {
  text = "";

  environment(terminal = false, colour = false): LogEnvironment {
    const decoder = new TextDecoder();
    const write = (batch: Uint8Array) => void (this.text += decoder.decode(batch));
    return { stderr: { write }, terminal, colour, now: () => 1_000 };
  }

  lines(): Record<string, unknown>[] {
    return this.text.trimEnd().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  messages(): unknown[] {
    return this.lines().map(({ message }) => message);
  }
}

function open(screen: Screen, options: Partial<LogOptions> = {}): Log {
  return openLog({ ...LOG_DEFAULTS, ...options }, screen.environment());
}

Deno.test("openLog() names the service of each record, and the runner for its own", async () => {
  const screen = new Screen();
  {
    await using log = open(screen);
    log.logger("backend.store").warn("Slow {disk} {{}}", { ms: 120 });
    log.logger().info("Reloaded");
  }
  assertEquals(screen.lines(), [
    {
      time: "1970-01-01T00:00:01.000Z",
      level: "warn",
      service: "backend.store",
      message: "Slow {disk} {{}}",
      ms: 120,
    },
    { time: "1970-01-01T00:00:01.000Z", level: "info", service: "heddle", message: "Reloaded" },
  ]);
});

Deno.test("openLog() holds the level of the log, of a service, and of a group for what is in it", async () => {
  const screen = new Screen();
  await using log = open(screen, {
    level: "warn",
    services: { web: "debug", backend: "error", "backend.store": "info" },
  });
  log.logger("other").info("dropped");
  log.logger("web").debug("web");
  log.logger("backend.queue").warn("dropped");
  log.logger("backend.store").info("store");
  await log.flush();
  assertEquals(screen.messages(), ["web", "store"]);
});

Deno.test("openLog() takes in what libraries log through LogTape", async () => {
  const screen = new Screen();
  await using log = open(screen);
  getLogger(["acme", "pool"]).warn("Pool of {size} is {state}", { size: 3, state: "full" });
  await log.flush();
  const [line] = screen.lines();
  assertEquals(line?.["service"], "heddle");
  assertEquals(line?.["library"], "acme.pool");
  assertEquals(line?.["message"], "Pool of 3 is full");
  assertEquals(line?.["size"], 3);
});

Deno.test("openLog() with format auto is pretty on a terminal, and painted only where that is welcome", async () => {
  for (const colour of [true, false]) {
    const screen = new Screen();
    {
      await using log = openLog(LOG_DEFAULTS, screen.environment(true, colour));
      log.logger("web").info("Listening");
    }
    assertStringIncludes(screen.text, "Listening");
    assertEquals(screen.text.includes("\x1b["), colour);
  }
});

Deno.test("openLog() writes to a file, in JSON lines, and reopens it", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/app.log`;
  const screen = new Screen();
  {
    await using log = openLog(
      { ...LOG_DEFAULTS, file: { ...LOG_FILE_DEFAULTS, path } },
      screen.environment(true, true),
    );
    log.logger("web").info("one");
    await log.flush();
    await Deno.rename(path, `${path}.moved`);
    log.reopen();
    log.logger("web").info("two");
  }
  assertEquals(JSON.parse(await Deno.readTextFile(`${path}.moved`))["message"], "one");
  assertEquals(JSON.parse(await Deno.readTextFile(path))["message"], "two");
  assertEquals(screen.text, "");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openLog() tells on standard error what goes wrong with the file", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/app.log`;
  const screen = new Screen();
  {
    await using log = open(screen, { file: { ...LOG_FILE_DEFAULTS, path } });
    await Deno.remove(folder, { recursive: true });
    log.reopen();
  }
  const [line] = screen.lines();
  assertEquals(line?.["level"], "error");
  assertStringIncludes(String(line?.["message"]), `Cannot open log file "${path}"`);
});

Deno.test(
  "openLog() reports records that a full disk has swallowed",
  { ignore: !existsSync("/dev/full") },
  async () => {
    const screen = new Screen();
    {
      await using log = open(screen, { file: { ...LOG_FILE_DEFAULTS, path: "/dev/full" } });
      log.logger().info("into the void");
      await log.flush();
      log.logger().info("and again");
    }
    assertEquals(screen.messages(), [`Cannot write log file "/dev/full": No space left on device`]);
  },
);

Deno.test("Log.configure() takes new levels and files, and keeps the old when a file cannot be opened", async () => {
  const folder = await Deno.makeTempDir();
  const screen = new Screen();
  {
    await using log = open(screen);
    const web = log.logger("web");
    web.debug("dropped");
    log.configure({ ...LOG_DEFAULTS, level: "debug" });
    web.debug("shown");
    const absent = { ...LOG_FILE_DEFAULTS, path: `${folder}/absent/app.log` };
    assertThrows(
      () => log.configure({ ...LOG_DEFAULTS, level: "error", file: absent }),
      Error,
      "Cannot open log file",
    );
    web.debug("still shown");
    log.configure({ ...LOG_DEFAULTS, file: { ...LOG_FILE_DEFAULTS, path: `${folder}/app.log` } });
    web.info("to the file");
  }
  assertEquals(screen.messages(), ["shown", "still shown"]);
  assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/app.log`))["message"], "to the file");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openLog() keeps several logs apart, and what libraries log in the oldest", async () => {
  const [first, second] = [new Screen(), new Screen()];
  {
    await using one = open(first, { level: "warn" });
    await using two = open(second, { services: { web: "debug" } });
    one.logger("web").info("dropped");
    two.logger("web").debug("two");
    one.logger("web").warn("one");
    getLogger("library").error("theirs");
  }
  assertEquals(first.messages(), ["one", "theirs"]);
  assertEquals(second.messages(), ["two"]);
});

Deno.test("openLog() leaves alone what the program has configured for itself", async () => {
  const taken: string[] = [];
  configureSync({
    sinks: { own: ({ rawMessage }) => void taken.push(String(rawMessage)) },
    loggers: [{ category: ["logtape", "meta"], lowestLevel: "error" }, {
      category: "library",
      sinks: ["own"],
    }],
  });
  assertThrows(() => open(new Screen()), Error, "the program has configured LogTape for itself");
  getLogger("library").info("as before");
  assertEquals(taken, ["as before"]);
  resetSync();
  const screen = new Screen();
  {
    await using log = open(screen);
    log.logger().info("ours");
  }
  assertEquals(screen.messages(), ["ours"]);
});

function existsSync(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
