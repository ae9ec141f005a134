import type { UnitInfo } from "../../runner/control/api.ts";
import { TextConn } from "../support/text_conn.ts";
import { PLUGINS, Scene, type Served } from "./_scene.ts";

/** An application that is steered through its control socket. */
export class ControlledScene implements AsyncDisposable {
  readonly scene: Scene;
  readonly served: Served;

  /** `folders` are made beside the file before it is served. */
  constructor(file: string, env: Record<string, string> = {}, folders: readonly string[] = []) {
    this.scene = new Scene(file);
    for (const folder of folders) Deno.mkdirSync(`${this.scene.folder}/${folder}`);
    this.served = this.scene.serve({ env: { HEDDLE_CONTROL: `${this.scene.folder}/`, ...env } });
  }

  /** Wait until it can be steered, and all is ready. */
  async open(): Promise<void> {
    await this.served.record(({ message }) => message === "Control socket open");
    await this.served.ready();
  }

  /** What the file says from now on. */
  write(file: string): void {
    Deno.writeTextFileSync(`${this.scene.folder}/app.yaml`, file);
  }

  /** A request to the control socket: the reply's JSON. */
  async ask<T>(method: "GET" | "POST", path: string): Promise<T> {
    return JSON.parse(await this.text(method, path)) as T;
  }

  async text(method: "GET" | "POST", path: string): Promise<string> {
    const socket = `${this.scene.folder}/demo.sock`;
    using client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
    return await (await fetch(`http://heddle${path}`, { method, client })).text();
  }

  async units(): Promise<UnitInfo[]> {
    return (await this.ask<{ units: UnitInfo[] }>("GET", "/v1/status")).units;
  }

  async unit(path: string): Promise<UnitInfo> {
    return (await this.units()).find((unit) => unit.path === path)!;
  }

  /** Wait until the service is ready with all of its processes. */
  async settled(path: string): Promise<UnitInfo> {
    for (let tries = 0; tries < 600; tries++) {
      const unit = await this.unit(path);
      if (unit.state === "ready" && unit.replicas!.ready === unit.replicas!.wanted) return unit;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`"${path}" did not come back:\n${this.served.stderr.text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.served[Symbol.asyncDispose]();
    await this.scene[Symbol.asyncDispose]();
  }
}

/** An application with one service, `subject`, in processes of its own. */
export class Isolated extends ControlledScene {
  /** `settings` and `options` are YAML for the service, the options in flow style. */
  constructor(settings = "", options = 'listen: "tcp:127.0.0.1:0"', env: Record<string, string> = {}) {
    super(fileWith(settings, options), env);
  }

  /** Where it listens, once it is ready and can be steered. */
  async endpoint(): Promise<string> {
    await this.open();
    return (await this.served.endpoints("subject"))[0]!;
  }

  rewrite(settings: string, options = 'listen: "tcp:127.0.0.1:0"'): void {
    this.write(fileWith(settings, options));
  }

  override unit(path = "subject"): Promise<UnitInfo> {
    return super.unit(path);
  }

  async pids(): Promise<readonly number[]> {
    return (await this.unit()).replicas!.pids;
  }
}

function fileWith(settings: string, options: string): string {
  return `name: demo
log: { level: debug }
services:
  subject:
    plugin: ${PLUGINS}subject.ts
    isolate: process
${/^backoff:/m.test(settings) ? "" : "    backoff: { initial: 1ms }"}
${settings.split("\n").map((line) => `    ${line}`).join("\n")}
    options: { ${options} }
`;
}

/** Ask one question on a connection of its own. */
export async function asked(endpoint: string, line: string): Promise<string> {
  using conn = await TextConn.connect(endpoint);
  await conn.send(`${line}\n`);
  return await conn.line();
}
