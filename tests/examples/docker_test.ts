import { assert, assertEquals, assertMatch } from "../assert.ts";
import { HeddleProcess } from "../support/heddle_process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The instructions of the Dockerfile, continued lines joined. */
function instructions(): Instruction[] {
  const text = Deno.readTextFileSync(`${ROOT}examples/docker/Dockerfile`);
  return text.replaceAll(/^#.*\n/gm, "").replaceAll("\\\n", " ").split("\n").filter((line) => line !== "")
    .map((line) => {
      const [, name, rest] = /^([A-Z]+) +(.+)$/.exec(line)!;
      return { name: name!, rest: rest! };
    });
}

/** The last stage's words of an instruction that must be in exec form: no shell comes between. */
function words(name: string): string[] {
  const { rest } = instructions().findLast((instruction) => instruction.name === name)!;
  const list: unknown = JSON.parse(rest.slice(rest.indexOf("[")));
  assert(Array.isArray(list) && list.every((word) => typeof word === "string"));
  return list;
}

/** A command of the container, as it runs in the checkout. */
function here(command: readonly string[]): { flags: string[]; module: string; args: string[] } {
  const own = command.map((word) =>
    word.replace(/^\/heddle\//, ROOT).replace(/^\/app\//, `${ROOT}examples/docker/`)
  );
  const module = own.findIndex((word) => word.endsWith("/main.ts"));
  assertEquals(own.slice(0, 2), ["deno", "run"]);
  return { flags: own.slice(2, module), module: own[module]!, args: own.slice(module + 1) };
}

Deno.test("the Dockerfile pins what it builds on, copies what exists, and is nobody's root", () => {
  const lines = instructions();
  const stages = lines.filter(({ name }) => name === "FROM");
  assertEquals(stages.length, 3);
  for (const { rest } of stages) assertMatch(rest, /^\S+:(?!latest)\S+( AS \w+)?$/);
  for (const { rest } of lines.filter(({ name, rest }) => name === "COPY" && !rest.startsWith("--from"))) {
    for (const source of rest.split(" ").slice(0, -1)) Deno.statSync(`${ROOT}${source}`);
  }
  const last = lines.slice(lines.findLastIndex(({ name }) => name === "FROM"));
  assertEquals(last.find(({ name }) => name === "USER")?.rest, "nonroot");
  assert(!last.some(({ name }) => name === "RUN"), "there is no shell in the last stage");
});

Deno.test("what the Dockerfile runs while it is built loads all that the application imports", async () => {
  for (const { rest } of instructions().filter(({ name }) => name === "RUN")) {
    const [program, ...args] = rest.split(" ");
    assertEquals(program, "deno");
    const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stderr: "null" }).output();
    assert(success, rest);
  }
});

Deno.test("the container's command serves, its health check agrees, and SIGTERM ends it in order", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const env = { HEDDLE_CONTROL: `${folder}/heddle.sock`, PORT: "0" };
    const { args, ...command } = here([...words("ENTRYPOINT"), ...words("CMD")]);
    await using served = new HeddleProcess([...args, "--log-level", "debug"], {
      cwd: folder,
      env,
      ...command,
    });
    await served.record(({ message }) => message === "Control socket open");
    const check = here(words("HEALTHCHECK"));
    await using health = new HeddleProcess(check.args, { cwd: folder, env, ...check });
    assertEquals([await health.ended(), health.stdout.text], [0, "healthy\n"]);
    served.kill("SIGTERM");
    assertEquals(await served.ended(), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
