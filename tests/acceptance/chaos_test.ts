import { assertEquals } from "../assert.ts";
import { randomOf } from "../support/random.ts";
import { type Blow, Chaos } from "./_chaos.ts";
import { applicationFile, QUIET, VICTIMS } from "./_chaos_application.ts";
import { Load } from "./_chaos_load.ts";
import { ControlledScene } from "./_isolated.ts";
import { descendantsOf, descriptorsOf, lives, processesIn } from "./_proc.ts";

/** How long blows fall. `HEDDLE_CHAOS_SECONDS=600` soaks. */
const SECONDS = Number(Deno.env.get("HEDDLE_CHAOS_SECONDS") ?? 10);
const SEED = Number(Deno.env.get("HEDDLE_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
/** Where the log of the runner is to be kept; default nowhere. */
const LOG = Deno.env.get("HEDDLE_CHAOS_LOG");
/** Blows that fall at the same time, at most. */
const AT_ONCE = 5;

Deno.test({
  name: "after whatever has befallen thirty services, each is as the rules have it, and nothing is left over",
  ignore: Deno.build.os !== "linux",
  async fn() {
    console.log(`HEDDLE_SEED=${SEED} HEDDLE_CHAOS_SECONDS=${SECONDS}`);
    const random = randomOf(SEED);
    const folders = ["run", "traps", "tmp"];
    await using app = new ControlledScene(applicationFile({}, false), { TMPDIR: "tmp" }, folders);
    await app.open();
    const load = new Load();
    using _aftermath = aftermath(app);
    const chaos = await Chaos.of(app, load);
    await chaos.settle();
    const before = possessionsOf(app.served.pid);
    {
      await using _asking = load;
      await askAll(load, chaos);
      const deadline = performance.now() + SECONDS * 1000;
      while (performance.now() < deadline) {
        const blows = drawRound(chaos, random);
        console.log(blows.map(({ kind, path }) => `${kind} ${path}`).join(", "));
        await chaos.strike(blows);
      }
      await chaos.heal();
      assertEquals([...chaos.picture].filter(([, state]) => state !== "ready"), []);
    }
    assertEquals(load.losses, []);
    const unserved = [...load.served].filter(([, count]) => count === 0);
    assertEquals(unserved, [], "services that nobody got an answer from");
    await until(
      () => JSON.stringify(possessionsOf(app.served.pid)) === JSON.stringify(before),
      () => `It has ${JSON.stringify(possessionsOf(app.served.pid))}, and had ${JSON.stringify(before)}`,
    );

    app.served.kill("SIGTERM");
    assertEquals(await app.served.ended(), 0);
    assertEquals([...chaos.seen].filter(lives), [], "processes are left over");
    assertEquals(processesIn(app.scene.folder), [], "processes that nobody has seen are left over");
    assertEquals(filesIn(app.scene.folder), ["app.yaml", ...folders].sort());
    for (const folder of folders) assertEquals(filesIn(`${app.scene.folder}/${folder}`), []);
  },
});

/** Clients for all victims, and for services that are none. */
async function askAll(load: Load, chaos: Chaos): Promise<void> {
  for (const path of VICTIMS.keys()) load.askVictim(path, await chaos.placeOf(path));
  load.askEcho(`${QUIET}.echo`, await chaos.placeOf(`${QUIET}.echo`));
  load.askWeb(`${QUIET}.web`, await chaos.placeOf(`${QUIET}.web`));
}

function drawRound(chaos: Chaos, random: () => number): Blow[] {
  const wanted = 1 + Math.floor(random() * AT_ONCE);
  const blows: Blow[] = [];
  const groups = new Set<string>();
  while (blows.length < wanted) {
    const blow = chaos.draw(random, groups);
    if (blow === null) continue;
    blows.push(blow);
    for (const group of chaos.groupsOf(blow)) groups.add(group);
  }
  return blows;
}

/** When the test is over, however it went: its log is kept, and no program outlives a runner that is killed then. */
function aftermath({ served }: ControlledScene): Disposable {
  return {
    [Symbol.dispose]() {
      if (LOG !== undefined) Deno.writeTextFileSync(LOG, served.stderr.text);
      if (!lives(served.pid)) return;
      served.kill("SIGSTOP");
      for (const pid of descendantsOf(served.pid)) Deno.kill(pid, "SIGKILL");
    },
  };
}

/** What the runner holds of the system. */
function possessionsOf(pid: number): { children: number; descriptors: Record<string, number> } {
  return { children: descendantsOf(pid).length, descriptors: descriptorsOf(pid) };
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

async function until(isSo: () => boolean, complaint: () => string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(complaint());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
