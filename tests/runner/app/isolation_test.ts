import { planReload } from "../../../runner/supervisor/reload_plan.ts";
import type { ServiceSpec } from "../../../services/application_spec.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";
import { complaint, load } from "./_support.ts";

function fileWith(settings: string, options = "listen: tcp:127.0.0.1:80"): string {
  return `services: { a: { plugin: echo, isolate: process, ${settings}options: { ${options} } } }`;
}

async function specOf(...file: Parameters<typeof load>): Promise<ServiceSpec> {
  return (await load(...file)).spec.root.children[0] as ServiceSpec;
}

Deno.test("a service is inline, and has no process, unless the file says otherwise", async () => {
  const spec = await specOf("services: { a: { plugin: echo } }");
  assertEquals([spec.process, spec.hosting], [undefined, undefined]);
});

Deno.test("a process is described whole: module, grant, places, bounds", async () => {
  const settings = "memory: 64MiB, umask: '027', heartbeat: 2s, permissions: { read: [/x] }, env: { A: b }, ";
  const { process } = await specOf(fileWith(settings));
  assertMatch(process!.module, /plugins\/echo\/mod\.ts$/);
  assertEquals([process!.places, process!.memory, process!.umask], [["tcp:127.0.0.1:80"], 64 << 20, "027"]);
  assertEquals([process!.heartbeat, process!.env], [2_000, { A: "b" }]);
  assertEquals([process!.grant.read, process!.grant.env, process!.grant.net], [["/x"], ["A"], false]);
});

Deno.test("variables are passed by name, where there are such, and by permission", async () => {
  const env = { TZ: "UTC", TOKEN: "secret", OTHER: "x" };
  const named = await specOf(fileWith("env: [TZ, ABSENT], "), { env });
  assertEquals([named.process!.env, named.process!.grant.env], [{ TZ: "UTC" }, ["ABSENT", "TZ"]]);
  const granted = await specOf(fileWith("permissions: { env: [TOKEN] }, "), { env });
  assertEquals(granted.process!.env, { TOKEN: "secret" });
});

Deno.test("options go to a process as written, with what interpolation gave in the type that is wanted", async () => {
  const spec = await specOf(fileWith("", "maxConnections: '${N}', idleTimeout: 5s"), { env: { N: "7" } });
  assertEquals(spec.options, { written: { maxConnections: 7, idleTimeout: "5s" }, replicas: 1 });
});

Deno.test("auto means a process for each processor", async () => {
  const { options } = await specOf(fileWith("replicas: auto, "));
  assertEquals((options as { replicas: number }).replicas, navigator.hardwareConcurrency);
});

Deno.test("a change of options or replicas is offered to what runs; a change of rights replaces it", async () => {
  const plan = async (from: string, to: string) => {
    const [old, next] = await Promise.all([load(from), load(to)]);
    return planReload(old.spec, next.spec).steps.map(({ action, replace }) => `${action} ${replace}`);
  };
  const two = fileWith("replicas: 2, ");
  assertEquals(await plan(two, two), []);
  assertEquals(await plan(two, fileWith("replicas: 3, ")), ["reload overlap"]);
  assertEquals(await plan(two, fileWith("replicas: 2, ", "idleTimeout: 1s, listen: tcp:127.0.0.1:80")), [
    "reload overlap",
  ]);
  assertEquals(await plan(two, fileWith("replicas: 2, memory: 99MiB, ")), ["replace overlap"]);
  assertEquals(await plan(fileWith(""), fileWith("permissions: { run: true }, ")), ["replace exclusive"]);
  assertEquals(
    await plan(fileWith(""), "services: { a: { plugin: echo, options: { listen: tcp:127.0.0.1:80 } } }"),
    [
      "replace exclusive",
    ],
  );
});

Deno.test("wrong settings are told with their place", async () => {
  const told = await complaint(fileWith("umask: '8', permissions: { raed: [x] }, memory: lots, "));
  assert(told.includes('services.a.umask: must be three octal digits in quotes, like "027"'), told);
  assert(told.includes('services.a.permissions.raed: Unknown key "raed"'), told);
  assert(told.includes("services.a.memory: "), told);
});
