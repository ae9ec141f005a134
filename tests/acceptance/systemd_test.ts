import { assertEquals, assertStringIncludes } from "../assert.ts";
import { HeddleProcess, LineReader } from "../support/heddle_process.ts";
import { isMissing } from "../support/programs.ts";
import { Scene } from "./_scene.ts";

const FILE = `name: demo
services:
  echo: { plugin: echo, options: { listen: "tcp:127.0.0.1:7007" } }
  inner:
    services:
      local: { plugin: echo, options: { listen: "unix:/run/demo.sock:mode=600" } }
      any: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }
`;
const RECEIVER = new URL("../runner/systemd/receive.py", import.meta.url).pathname;

/** A service manager that listens at `address`. */
class Manager implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly stdout: LineReader;

  constructor(address: string) {
    this.#child = new Deno.Command("python3", { args: [RECEIVER, address], stdout: "piped" }).spawn();
    this.stdout = new LineReader("python3", this.#child.stdout);
  }

  /** Wait for the first datagram that begins so. */
  async told(begin: string): Promise<string> {
    return JSON.parse(await this.stdout.line((line) => line.startsWith(`"${begin}`)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await Promise.all([this.#child.status, this.stdout.ended]);
  }
}

for (const kind of ["abstract", "path"] as const) {
  Deno.test({
    name: `a service manager at an address of kind ${kind} is told what happens, and the watchdog is fed`,
    ignore: isMissing("python3"),
    async fn() {
      await using scene = new Scene(
        `services: { echo: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } } }`,
      );
      const address = kind === "path" ? `${scene.folder}/notify` : `@heddle-test-${crypto.randomUUID()}`;
      await using manager = new Manager(address);
      await manager.stdout.line((line) => line === "bound");
      await using served = scene.serve({ env: { NOTIFY_SOCKET: address, WATCHDOG_USEC: "100000" } });
      assertEquals(await manager.told("READY=1"), "READY=1\nSTATUS=1 services: 1 ready");
      await manager.told("WATCHDOG=1");
      served.kill("SIGHUP");
      await manager.told("RELOADING=1");
      served.kill("SIGTERM");
      await manager.told("STOPPING=1");
      assertEquals(await served.ended(), 0);
    },
  });
}

Deno.test("heddle systemd prints units that systemd takes, and how the file names the sockets", async () => {
  await using scene = new Scene(FILE);
  const cwd = scene.folder;
  await using printed = new HeddleProcess(["systemd", "app.yaml", "--sockets"], { cwd });
  assertEquals(await printed.ended(), 0);
  assertStringIncludes(printed.stdout.text, "# /etc/systemd/system/demo.service\n[Unit]\n");
  assertStringIncludes(printed.stdout.text, "Type=notify\n");
  assertStringIncludes(printed.stdout.text, "WatchdogSec=30s\n");
  assertStringIncludes(printed.stdout.text, "TimeoutStopSec=35s\n");
  assertStringIncludes(
    printed.stdout.text,
    `[Socket]
ListenStream=/run/demo.sock
SocketMode=0600
FileDescriptorName=inner-local
Service=demo.service
`,
  );
  assertStringIncludes(
    printed.stdout.text,
    `# The application file must name these sockets instead of opening them itself:
#   services.echo.options.listen: systemd:name=echo   # was tcp:127.0.0.1:7007
#   services.inner.services.local.options.listen: systemd:name=inner-local   # was unix:/run/demo.sock:mode=600
`,
  );
  await using written = new HeddleProcess(["systemd", "app.yaml", "--sockets", "--output", "."], { cwd });
  assertEquals(await written.ended(), 0);
  const units = ["demo.service", "demo-echo.socket", "demo-inner-local.socket"];
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), [...units, "app.yaml"].sort());
  if (isMissing("systemd-analyze")) return;
  const { code, stderr } = await new Deno.Command("systemd-analyze", {
    args: ["verify", "--man=no", ...units.map((unit) => `${cwd}/${unit}`)],
  }).output();
  assertEquals(
    [code, new TextDecoder().decode(stderr).includes("demo")],
    [0, false],
    new TextDecoder().decode(stderr),
  );
});
