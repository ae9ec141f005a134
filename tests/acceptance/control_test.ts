import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { ROUTES } from "../../runner/control/handler.ts";
import { denoArguments } from "../support/heddle_process.ts";
import { isMissing } from "../support/programs.ts";
import { parsePrometheus } from "../support/prometheus.ts";
import { Controlled } from "./_controlled.ts";
import { PLUGINS } from "./_scene.ts";

const FILE = `name: demo
services:
  echo: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }
  backend:
    services:
      fragile: { plugin: ${PLUGINS}fragile.ts, options: { listen: "tcp:127.0.0.1:0" } }
`;

Deno.test("an operator sees, stops, starts and restarts services, and is told what came of it", async () => {
  await using app = new Controlled(FILE);
  await app.served.ready();
  await app.open();
  assertEquals(Deno.lstatSync(app.socket).mode! & 0o777, 0o600);

  const status = await app.heddle("status");
  assertEquals([status.status, status.stderr], [0, ""]);
  assertMatch(status.stdout, /^demo {2}up .*pid \d+/);
  assertMatch(status.stdout, /\necho +ready .* tcp:127\.0\.0\.1:\d+\n/);
  const json = JSON.parse((await app.heddle("status", "backend", "--json")).stdout);
  assertEquals(json.units.map(({ path }: { path: string }) => path), ["backend", "backend.fragile"]);

  assertEquals(await app.heddle("stop", "backend.fragile"), {
    status: 0,
    stdout: "backend.fragile: stopped\n",
    stderr: "",
  });
  assertEquals((await app.heddle("restart", "echo", "backend")).stdout, "echo: ready\nbackend: ready\n");
  const unknown = await app.heddle("start", "ehco");
  assertEquals(unknown.status, 64);
  assertStringIncludes(unknown.stderr, `There is no service or group "ehco" (did you mean "echo"?)`);
});

Deno.test("a service that does not become ready gives status 1 and its reason, and an unhealthy application", async () => {
  await using app = new Controlled(
    `name: demo\nservices: { lost: { plugin: echo, options: { listen: "unix:/absent/x.sock" } } }`,
  );
  await app.open();
  const started = await app.heddle("restart", "lost");
  assertEquals([started.status, started.stdout], [1, ""]);
  assertStringIncludes(started.stderr, `lost: backoff: Cannot listen on "unix:/absent/x.sock"`);
  const health = await app.heddle("health");
  assertEquals([health.status, health.stdout], [1, ""]);
  assertStringIncludes(health.stderr, "lost: backoff: Cannot listen");
  assertEquals((await app.ask("/v1/health")).status, 503);
});

Deno.test("reload shows the difference first, then does it; a bad file changes nothing", async () => {
  await using app = new Controlled(FILE);
  await app.served.ready();
  await app.open();
  Deno.writeTextFileSync(
    `${app.scene.folder}/app.yaml`,
    `${
      FILE.replace('"tcp:127.0.0.1:0" } }', '"tcp:127.0.0.1:0", idleTimeout: 7s } }')
    }  more: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }\n`,
  );
  const difference = "~ echo: reload, else replace (overlap)\n+ more: add\n";
  assertEquals(await app.heddle("reload", "--dry-run"), { status: 0, stdout: difference, stderr: "" });
  assertEquals((await app.heddle("reload")).stdout, difference.replaceAll("\n", ": done\n"));
  assertEquals((await app.heddle("reload", "--dry-run")).stdout, "nothing changes\n");

  Deno.writeTextFileSync(`${app.scene.folder}/app.yaml`, FILE.replace("plugin: echo", "plugin: ehco"));
  const refused = await app.heddle("reload");
  assertEquals([refused.status, refused.stdout], [78, ""]);
  assertStringIncludes(refused.stderr, 'app.yaml:3:19: services.echo.plugin: Cannot load plugin "ehco"');
  assertStringIncludes(refused.stderr, "Nothing has changed\n");
  assertEquals((await app.heddle("health")).stdout, "healthy\n");
});

Deno.test("logs are shown by service and level, and followed; events as they happen", async () => {
  await using app = new Controlled(FILE);
  await app.served.ready();
  await app.open();
  await using follower = app.command("logs", "-f", "--json", "echo");
  await follower.stdout.line((line) => line.includes('"Started"'));
  await using watcher = app.command("events", "--json");
  // Events are told from the moment that the stream is open: ask until one of them was.
  const restarted = watcher.stdout.line((line) => JSON.parse(line).to === "ready");
  let heard = false;
  void restarted.then(() => heard = true);
  while (!heard) assertEquals((await app.ask("/v1/restart?unit=echo", "POST")).status, 200);
  const event = JSON.parse(await restarted);
  assertEquals(event.kind, "state");
  assert(Math.abs(event.at - Date.now()) < 60_000);
  await follower.stdout.line((line) => line.includes("an operator asked for it"));
  const shown = await app.heddle("logs", "echo", "--level", "info", "-n", "1");
  assertMatch(shown.stdout, /^[\d:.]+ INFO {2}echo +Started +endpoints=/);
  app.served.kill("SIGTERM");
  assertEquals([await app.served.ended(), await follower.ended(), await watcher.ended()], [0, 0, 0]);
  assertEquals([...Deno.readDirSync(app.scene.folder)].map(({ name }) => name), ["app.yaml"]);
});

Deno.test("top into a pipe is one look, with what the services do", async () => {
  await using app = new Controlled(FILE);
  await app.served.ready();
  await app.open();
  const { status, stdout } = await app.heddle("top");
  assertEquals(status, 0);
  assertMatch(stdout, /2 services: 2 ready; runner [\d.]+ % CPU\nSERVICE/);
});

for (const [name, key] of [["q", "q"], ["Ctrl-C", "\\x03"]] as const) {
  Deno.test({
    name: `top on a terminal is redrawn until ${name}, and leaves the terminal as it was`,
    ignore: isMissing("python3"),
    async fn() {
      await using app = new Controlled(FILE);
      await app.served.ready();
      await app.open();
      const script = new URL("./fixtures/in_terminal.py", import.meta.url).pathname;
      const { code, stdout } = await new Deno.Command("python3", {
        args: [script, key, "2 services: ", "2", Deno.execPath(), ...denoArguments(["top"])],
        cwd: app.scene.folder,
        env: { ...app.env, TERM: "xterm", NO_COLOR: "1" },
      }).output();
      const shown = new TextDecoder().decode(stdout);
      assertEquals(code, 0, shown);
      assert(shown.startsWith("\x1b[?1049h\x1b[?25l"), shown);
      assert(shown.trimEnd().endsWith("\x1b[?25h\x1b[?1049l"), shown);
    },
  });
}

Deno.test("a second runner of the name is refused, and clients are told which applications run", async () => {
  await using app = new Controlled(FILE);
  await app.served.ready();
  await app.open();
  const second = await app.heddle("serve", "app.yaml");
  assertEquals(second.status, 69);
  assertStringIncludes(second.stderr, `Cannot serve "demo": a runner of that name is at work`);
  const other = await app.heddle("status", "--app", "demi");
  assertEquals(other.status, 69);
  assertStringIncludes(other.stderr, `No application "demi" is running (did you mean "demo"?)`);
  app.served.kill("SIGKILL");
  await app.served.ended();
  const gone = await app.heddle("status");
  assertEquals(gone.status, 69);
  assertStringIncludes(gone.stderr, "No application is running");
  // What a killed runner left behind is in nobody's way.
  await using again = app.scene.serve({ env: app.env, arguments: ["--log-level", "debug"] });
  await again.record(({ message }) => message === "Control socket open");
  assertEquals((await app.heddle("health")).status, 0);
});

Deno.test("docs/control.md names every request that the API takes, and no other", async () => {
  await using app = new Controlled(FILE);
  await app.served.ready();
  await app.open();
  const page = await Deno.readTextFile(new URL("../../docs/control.md", import.meta.url));
  const documented = [...page.matchAll(/^\| `(GET|POST) (\/[\w/]*)(\?[^`]*)?`/gm)].map(([, method, path]) =>
    `${method} ${path}`
  );
  assertEquals([...new Set(documented)].sort(), [...ROUTES].sort());
  // Without its query a request is no success, but it is known.
  for (const route of ROUTES.filter((route) => route !== "GET /v1/events")) {
    const [method, path] = route.split(" ");
    assert(![404, 405].includes((await app.ask(path!, method)).status), route);
  }
});

Deno.test("the API answers mistakes with what is wrong, and metrics that a strict parser reads", async () => {
  await using app = new Controlled(FILE);
  await app.served.ready();
  await app.open();
  const answers = await Promise.all(
    [
      ["/v1/nothing", "GET"],
      ["/v1/start", "GET"],
      ["/v1/start", "POST"],
      ["/v1/start?unit=%1b%00", "POST"],
      ["/v1/logs?level=loud", "GET"],
      ["/v1/logs?limit=-1", "GET"],
    ].map(async ([path, method]) => {
      const response = await app.ask(path!, method);
      return [response.status, typeof (await response.json()).error.message];
    }),
  );
  assertEquals(answers, [404, 405, 400, 404, 400, 400].map((status) => [status, "string"]));
  const metrics = await app.ask("/metrics");
  assertEquals(metrics.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const families = parsePrometheus(await metrics.text());
  const ready = families.get("heddle_service_state")!.samples.filter(({ value }) => value === 1);
  assertEquals(ready.map(({ labels }) => `${labels.service} ${labels.state}`), [
    "echo ready",
    "backend.fragile ready",
  ]);
});
