// Where the time of a start goes: does what `serve` does, step by step, and prints what each step took as JSON.
const parts: Record<string, number> = {};
let last = 0;

function part(name: string): void {
  const now = performance.now();
  parts[name] = now - last;
  last = now;
}

part("runtime");
await import("zod");
part("load zod");
await import("@std/yaml");
part("load YAML");
await import("@logtape/logtape");
part("load the logger");
await import("../../runner/cli/serve.ts");
part("load Heddle's own");
const { loadApplication } = await import("../../runner/app/load_application.ts");
const file = new URL("ten_services.yaml", import.meta.url).pathname;
const { spec } = await loadApplication(file, { env: Deno.env });
part("read and check the file, load its plugin");
const { Runner } = await import("../../runner/runner.ts");
const { silentLogger } = await import("../../services/log.ts");
const runner = new Runner(spec, { log: () => silentLogger });
void runner.run();
await runner.supervisor.firstReady;
part("start the services");
console.log(JSON.stringify(parts));
await runner.supervisor.stop();
