import type { UnitInfo } from "../../runner/control/api.ts";
import { TextConn } from "../support/text_conn.ts";
import { PLUGINS, Scene, type Served } from "./_scene.ts";

/** An application with one service, `subject`, in processes of its own; steered through its control socket. */
export class Isolated implements AsyncDisposable {
  readonly scene: Scene;
  readonly served: Served;

  /** `settings` and `options` are YAML for the service, in flow style. */
  constructor(settings = "", options = 'listen: "tcp:127.0.0.1:0"', env: Record<string, string> = {}) {
    this.scene = new Scene(fileWith(settings, options));
    this.served = this.scene.serve({ env: { HEDDLE_CONTROL: `${this.scene.folder}/`, ...env } });
  }

  /** Where it listens, once it is ready and can be steered. */
  async endpoint(): Promise<string> {
    await this.served.record(({ message }) => message === "Control socket open");
    return (await this.served.endpoints("subject"))[0]!;
  }

  /** What the file says from now on. */
  rewrite(settings: string, options = 'listen: "tcp:127.0.0.1:0"'): void {
    Deno.writeTextFileSync(`${this.scene.folder}/app.yaml`, fileWith(settings, options));
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

  async unit(): Promise<UnitInfo> {
    const { units } = await this.ask<{ units: UnitInfo[] }>("GET", "/v1/status");
    return units.find(({ path }) => path === "subject")!;
  }

  async pids(): Promise<readonly number[]> {
    return (await this.unit()).replicas!.pids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.served[Symbol.asyncDispose]();
    await this.scene[Symbol.asyncDispose]();
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

/** Whether there is a process of that number that is no zombie. */
export function lives(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
