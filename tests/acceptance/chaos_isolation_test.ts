import fc from "fast-check";
import type { UnitInfo } from "../../runner/control/api.ts";
import { assert, assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { asked, ControlledScene } from "./_isolated.ts";
import { lives } from "./_proc.ts";
import { PLUGINS } from "./_scene.ts";
import { Storm } from "./_storm.ts";

/** How many things go wrong. `HEDDLE_CHAOS=200` soaks. */
const BLOWS = Number(Deno.env.get("HEDDLE_CHAOS") ?? 10);

const SERVICES = ["one", "two", "three"] as const;
const KINDS = [
  "kill",
  "freeze",
  "loop",
  "leak",
  "throw",
  "hang-at-stop",
  "restart",
  "reload",
] as const;

interface Blow {
  readonly kind: typeof KINDS[number];
  readonly service: typeof SERVICES[number];
}

const blow: fc.Arbitrary<Blow> = fc.record({
  kind: fc.constantFrom(...KINDS),
  service: fc.constantFrom(...SERVICES),
});

function fileWith(greeting: number): string {
  const subject = (replicas: number) => `
        plugin: ${PLUGINS}subject.ts
        isolate: process
        replicas: ${replicas}
        memory: 48MiB
        heartbeat: 1s
        stopTimeout: 500ms
        backoff: { initial: 1ms, max: 50ms }
        options: { listen: "tcp:127.0.0.1:0", greeting: "${greeting}" }`;
  return `name: demo
log: { level: debug }
services:
  bystander: { plugin: ${PLUGINS}subject.ts, options: { listen: "tcp:127.0.0.1:0" } }
  beside: { plugin: ${PLUGINS}subject.ts, isolate: process, options: { listen: "tcp:127.0.0.1:0" } }
  chaotic:
    strategy: one-for-one
    services:
      one: ${subject(1)}
      two: ${subject(2)}
      three: ${subject(1)}
`;
}

Deno.test("whatever befalls processes of services, the others serve on and all come back", async () => {
  const seed = Number(Deno.env.get("HEDDLE_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  const [blows] = fc.sample(fc.array(blow, { minLength: BLOWS, maxLength: BLOWS }), { seed, numRuns: 1 });
  console.log(`HEDDLE_SEED=${seed}: ${blows!.map(({ kind, service }) => `${kind} ${service}`).join(", ")}`);
  await using app = new ControlledScene(fileWith(0));
  await app.open();
  const bystander = await app.served.endpoints("bystander");
  const beside = await app.served.endpoints("beside");
  await using storm = new Storm(bystander[0]!, 1);
  await using other = new Storm(beside[0]!, 1);
  const seen = new Set<number>();

  let greeting = 0;
  for (const { kind, service } of blows!) {
    const unit = await app.settled(`chaotic.${service}`);
    unit.replicas!.pids.forEach((pid) => seen.add(pid));
    await strike(kind, unit);
  }

  for (const service of SERVICES) {
    const { endpoints, replicas } = await app.settled(`chaotic.${service}`);
    replicas!.pids.forEach((pid) => seen.add(pid));
    assertEquals(await asked(endpoints![0]!, "greeting"), String(greeting), service);
  }
  await Promise.all([storm.stop(), other.stop()]);
  assert(storm.served > 0 && other.served > 0);
  assertEquals([storm.refused, storm.lost, other.refused, other.lost], [0, 0, 0, 0]);
  assertEquals((await app.unit("beside")).restarts, 0);
  app.served.kill("SIGTERM");
  assertEquals(await app.served.ended(), 0);
  assertEquals([...seen].filter(lives), [], "processes are left over");
  assertEquals([...Deno.readDirSync(app.scene.folder)].map(({ name }) => name), ["app.yaml"]);

  async function strike(kind: Blow["kind"], { path, endpoints, replicas }: UnitInfo): Promise<void> {
    const [endpoint] = endpoints!;
    const [pid] = replicas!.pids;
    switch (kind) {
      case "kill":
        return Deno.kill(pid!, "SIGKILL");
      case "freeze":
        return Deno.kill(pid!, "SIGSTOP");
      case "loop":
      case "leak":
        return await say(endpoint!, kind);
      case "throw":
      case "hang-at-stop":
        return void await asked(endpoint!, kind);
      case "restart":
        return void await app.text("POST", `/v1/restart?unit=${path}`);
      case "reload":
        greeting++;
        Deno.writeTextFileSync(`${app.scene.folder}/app.yaml`, fileWith(greeting));
        return void await app.text("POST", "/v1/reload");
    }
  }
});

/** Say what is never answered. */
async function say(endpoint: string, line: string): Promise<void> {
  using conn = await TextConn.connect(endpoint);
  await conn.send(`${line}\n`);
  await conn.rest().catch(() => {});
}
