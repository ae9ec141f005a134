import { claimControl, ControlSocketError, NameTakenError } from "../../../runner/control/claim.ts";
import { findRunner, NoRunnerError } from "../../../runner/control/find_runner.ts";
import type { RuntimeEnvironment } from "../../../runner/control/runtime_folders.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";

/** A folder for sockets that lasts for one test. */
class Scene implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "ctl" });
  readonly #listeners: Deno.Listener[] = [];

  get environment(): RuntimeEnvironment {
    return { uid: Deno.uid()!, env: (name) => name === "XDG_RUNTIME_DIR" ? this.folder : undefined };
  }

  /** Somebody who answers at a socket. */
  answer(path: string): void {
    this.#listeners.push(Deno.listen({ transport: "unix", path: `${this.folder}/${path}` }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("claimControl() takes the first runtime folder, makes it for its owner only, and leaves nothing behind", async () => {
  await using scene = new Scene();
  {
    using claim = await claimControl("demo", undefined, scene.environment);
    assertEquals(claim.socket, `${scene.folder}/heddle/demo.sock`);
    assertEquals(Deno.statSync(`${scene.folder}/heddle`).mode! & 0o777, 0o700);
  }
  assertEquals([...Deno.readDirSync(`${scene.folder}/heddle`)], []);
});

Deno.test("claimControl() lets two runners have two names, and one name one runner", async () => {
  await using scene = new Scene();
  using _first = await claimControl("demo", undefined, scene.environment);
  using _other = await claimControl("other", undefined, scene.environment);
  await assertRejects(
    () => claimControl("demo", undefined, scene.environment),
    NameTakenError,
    `Cannot serve "demo": a runner of that name is at work (its control socket is "${scene.folder}/heddle/demo.sock"); ` +
      `stop it, or give this one another name or --control`,
  );
});

Deno.test("claimControl() takes over from a runner that has died", async () => {
  await using scene = new Scene();
  Deno.mkdirSync(`${scene.folder}/heddle`, { mode: 0o700 });
  Deno.writeTextFileSync(`${scene.folder}/heddle/demo.lock`, "");
  Deno.listen({ transport: "unix", path: `${scene.folder}/heddle/demo.sock` }).close();
  using claim = await claimControl("demo", undefined, scene.environment);
  assertEquals(claim.socket, `${scene.folder}/heddle/demo.sock`);
});

Deno.test("claimControl() passes over a folder that others may write to, and one that is too long", async () => {
  await using scene = new Scene();
  Deno.mkdirSync(`${scene.folder}/open/heddle`, { recursive: true });
  Deno.chmodSync(`${scene.folder}/open/heddle`, 0o777);
  for (const folder of [`${scene.folder}/open`, `${scene.folder}/${"x".repeat(90)}`]) {
    const environment: RuntimeEnvironment = { uid: Deno.uid()!, env: () => folder };
    using claim = await claimControl(`claim-test-${Deno.pid}`, undefined, environment);
    assertEquals(claim.socket.startsWith(scene.folder), false, claim.socket);
  }
});

Deno.test("claimControl() says why a socket cannot be where it was asked for", async () => {
  await using scene = new Scene();
  await assertRejects(
    () => claimControl("demo", `/tmp/${"x".repeat(120)}`, scene.environment),
    ControlSocketError,
    "its path is longer than 99 bytes; choose a shorter one",
  );
  await assertRejects(
    () => claimControl("demo", `${scene.folder}/absent/x.sock`, scene.environment),
    ControlSocketError,
    `Cannot open control socket "${scene.folder}/absent/x.sock": its folder does not exist`,
  );
});

Deno.test("findRunner() finds the only runner, or the one that is named, in sockets and units' folders", async () => {
  await using scene = new Scene();
  Deno.mkdirSync(`${scene.folder}/unit`);
  const find = (app?: string) => findRunner({ app, control: `${scene.folder}/` }, scene.environment);
  await assertRejects(() => find(), NoRunnerError, "No application is running: no control socket in");
  Deno.listen({ transport: "unix", path: `${scene.folder}/dead.sock` }).close();
  scene.answer("demo.sock");
  assertEquals(await find(), `${scene.folder}/demo.sock`);
  scene.answer("unit/control.sock");
  assertEquals(await find("unit"), `${scene.folder}/unit/control.sock`);
  await assertRejects(
    () => find(),
    NoRunnerError,
    "Several applications are running: choose one by --app NAME, of demo, unit",
  );
  const error = await assertRejects(() => find("dmeo"), NoRunnerError);
  assertStringIncludes(error.message, `No application "dmeo" is running (did you mean "demo"?)`);
});
