// One service as `heddle serve` runs it: isolated.ts echo|http|cpu inline|process [REPLICAS] [CRASHES]
// "ready PORT PID" names the process that serves. With CRASHES it crashes so often, and tells of each how many
// milliseconds passed until it was ready again.
import { loadApplication } from "../../runner/app/load_application.ts";
import { Runner } from "../../runner/runner.ts";
import { silentLogger } from "../../services/log.ts";
import { benchFile } from "../harness/run_process.ts";

const [kind = "echo", isolate = "inline", replicas = "1", crashes = "0"] = Deno.args;

const LISTEN = "tcp:127.0.0.1:0";
const PLUGINS: Readonly<Record<string, readonly [plugin: string, options: object]>> = {
  echo: ["echo", { listen: LISTEN }],
  http: [benchFile("contenders/isolated_http.ts"), { listen: LISTEN, work: 0 }],
  cpu: [benchFile("contenders/isolated_http.ts"), { listen: LISTEN, work: 200_000 }],
};
const [plugin, options] = PLUGINS[kind]!;
const service = {
  plugin,
  options,
  isolate,
  ...(isolate === "process" ? { replicas: Number(replicas) } : {}),
  backoff: { initial: "0ms" },
};

const { spec } = await loadApplication("isolated.yaml", {
  env: { get: () => undefined },
  // JSON is YAML.
  readFile: () => Promise.resolve(new TextEncoder().encode(JSON.stringify({ services: { service } }))),
});
const times: number[] = [];
let crashedAt = 0;
const runner = new Runner(spec, {
  log: () => silentLogger,
  onEvent: (event) => {
    if (event.kind !== "state" || event.path !== "service" || event.to !== "ready" || crashedAt === 0) return;
    times.push(performance.now() - crashedAt);
  },
  onStarted: async ({ endpoints }) => {
    const [host] = endpoints;
    if (host?.transport !== "tcp") return;
    const { pid } = runner.supervisor.statusOf("service")!;
    if (crashes === "0") return console.log(`ready ${host.port} ${pid ?? Deno.pid}`);
    if (times.length === Number(crashes)) {
      console.log(JSON.stringify(times));
      return void runner.supervisor.stop();
    }
    crashedAt = performance.now();
    if (pid !== undefined) Deno.kill(pid, "SIGKILL");
    else await fetch(`http://127.0.0.1:${host.port}/crash`).then((reply) => reply.body?.cancel(), () => {});
  },
});
await runner.run();
