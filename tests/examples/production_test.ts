import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import type { UnitInfo } from "../../runner/control/api.ts";
import { descendantsOf, lives } from "../acceptance/_proc.ts";
import { HeddleProcess } from "../support/heddle_process.ts";
import { endpointsOf } from "./_example.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A copy of examples/production that can be changed, and the command line beside it. */
class Production implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "production" });
  readonly #file = Deno.readTextFileSync(`${ROOT}examples/production/app.yaml`);
  readonly served: HeddleProcess;

  constructor() {
    Deno.mkdirSync(`${this.folder}/run`);
    this.write((file) => file);
    this.served = this.command("serve", this.path);
  }

  get path(): string {
    return `${this.folder}/app.yaml`;
  }

  write(change: (file: string) => string): void {
    const file = this.#file.replaceAll("../sandbox/", `${ROOT}examples/sandbox/`);
    Deno.writeTextFileSync(this.path, change(file));
  }

  command(...args: string[]): HeddleProcess {
    return new HeddleProcess(args, {
      cwd: ROOT,
      env: {
        HEDDLE_CONTROL: `${this.folder}/`,
        RUN: `${this.folder}/run`,
        DENO: Deno.execPath(),
        PORT: "0",
        CURIOUS_PORT: "0",
        DASHBOARD_PORT: "0",
      },
    });
  }

  /** What a verb says, once it is done; its status must be `expected`. */
  async heddle(args: readonly string[], expected = 0): Promise<string> {
    await using process = this.command(...args);
    assertEquals(await process.ended(), expected, process.stderr.text);
    return process.stdout.text + process.stderr.text;
  }

  async unit(path: string): Promise<UnitInfo> {
    const { units } = JSON.parse(await this.heddle(["status", "--json", path]));
    return units[0];
  }

  /** A request to a web service. */
  async get(path: string, service = "web"): Promise<string> {
    const [endpoint] = await endpointsOf(this.served, service);
    const response = await fetch(`${endpoint!.replace("tcp:", "http://")}${path}`);
    const text = await response.text();
    assertEquals(response.status, 200, text);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.served[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test({
  name:
    "examples/production is checked, served, looked at, steered, reloaded and ended from the command line",
  ignore: Deno.build.os !== "linux",
  async fn(test) {
    await using app = new Production();

    await test.step("check says what each process may do", async () => {
      const checked = await app.heddle(["check", app.path]);
      assertMatch(checked, /app\.yaml: OK \(\d services, 1 group\)\n/);
      assertStringIncludes(
        checked,
        `curious: its process may use: read "${ROOT}examples/sandbox/welcome.txt"\n`,
      );
    });

    await test.step("it serves: through a proxy, from two processes and from a program", async () => {
      await app.served.record(({ message }) => message === "Application ready");
      const { replicas } = await app.unit("backend.api");
      assertEquals([replicas!.ready, replicas!.wanted], [2, 2]);
      assert(replicas!.pids.includes(JSON.parse(await app.get("/api")).process));
      assertEquals(JSON.parse(await app.get("/rates")).EUR, 1);
      assertStringIncludes(await app.get("/", "dashboard"), "<title>");
      assertMatch(await app.get("/metrics"), /^heddle_service_state\{service="curious",state="ready"\} 1$/m);
    });

    await test.step("what is not trusted was refused /etc/passwd, and the log says so", async () => {
      const logs = await app.heddle(["logs", "curious", "--level", "warn"]);
      assertMatch(
        logs,
        /Cannot read \/etc\/passwd +error="NotCapable: Denied by its permissions: Requires read access to/,
      );
    });

    await test.step("the schedule has run once", async () => {
      assertStringIncludes(await app.heddle(["logs", "disk"]), "Run done");
    });

    await test.step("health, status and top show that all is well", async () => {
      assertEquals(await app.heddle(["health"]), "healthy\n");
      assertMatch(await app.heddle(["status"]), /\nbackend\.api +ready +.*2\/2 ready/);
      assertMatch(await app.heddle(["top"]), /services: \d ready; runner [\d.]+ % CPU\nSERVICE/);
    });

    await test.step("restart gives each process a successor; events tell what happens", async () => {
      await using watcher = app.command("events", "--json");
      const before = (await app.unit("backend.api")).replicas!.pids;
      assertEquals(await app.heddle(["restart", "backend.api"]), "backend.api: ready\n");
      const after = (await app.unit("backend.api")).replicas!.pids;
      assertEquals(after.filter((pid) => before.includes(pid)), []);
      assertEquals(await app.heddle(["stop", "curious"]), "curious: stopped\n");
      assertEquals((await app.unit("curious")).state, "stopped");
      assertEquals(await app.heddle(["start", "curious"]), "curious: ready\n");
      await watcher.stdout.line((line) => {
        const { path, to } = JSON.parse(line);
        return path === "curious" && to === "ready";
      });
    });

    await test.step("reload shows the difference, then makes it; a mistake changes nothing", async () => {
      app.write((file) => file.replace("replicas: 2", "replicas: 3"));
      const difference = await app.heddle(["reload", "--dry-run"]);
      assertMatch(difference, /^~ backend\.api: .*\n$/);
      assertEquals(await app.heddle(["reload"]), difference.replace("\n", ": done\n"));
      const { replicas } = await app.unit("backend.api");
      assertEquals([replicas!.ready, replicas!.wanted], [3, 3]);
      app.write((file) => file.replace("replicas: 2", "replicas: none"));
      assertMatch(await app.heddle(["reload"], 78), /app\.yaml:\d+:\d+: services\.backend\..*\n/);
      assertEquals((await app.unit("backend.api")).replicas!.wanted, 3);
    });

    await test.step("SIGTERM ends it in order, and nothing is left", async () => {
      const processes = descendantsOf(app.served.pid);
      assert(processes.length >= 5, `${processes}`);
      app.served.kill("SIGTERM");
      assertEquals(await app.served.ended(), 0);
      assertEquals(processes.filter(lives), []);
      assertEquals([...Deno.readDirSync(app.folder)].map(({ name }) => name).sort(), ["app.yaml", "run"]);
      assertEquals([...Deno.readDirSync(`${app.folder}/run`)], []);
      const warnings = app.served.stderr.lines.filter((line) => /"level":"(warn|error)"/.test(line));
      const expected = /Cannot read \/etc\/passwd|app\.yaml:\d+|Cannot reload the application/;
      assertEquals(warnings.filter((line) => !expected.test(line)), []);
    });
  },
});
