import { Scene, type Served } from "./_scene.ts";
import { HeddleProcess } from "../support/heddle_process.ts";

/** What a command has told. */
export interface Told {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An application named "demo" that is served, with its control socket in its own folder. */
export class Controlled implements AsyncDisposable {
  readonly scene: Scene;
  readonly served: Served;

  constructor(file: string, env: Readonly<Record<string, string>> = {}) {
    this.scene = new Scene(file);
    this.served = this.scene.serve({ env: { ...env, ...this.env }, arguments: ["--log-level", "debug"] });
  }

  get env(): Record<string, string> {
    return { HEDDLE_CONTROL: `${this.scene.folder}/` };
  }

  get socket(): string {
    return `${this.scene.folder}/demo.sock`;
  }

  write(file: string): void {
    Deno.writeTextFileSync(`${this.scene.folder}/app.yaml`, file);
  }

  /** Wait until the control socket is there. */
  async open(): Promise<void> {
    await this.served.record(({ message }) => message === "Control socket open");
  }

  command(...args: string[]): HeddleProcess {
    return new HeddleProcess(args, { cwd: this.scene.folder, env: this.env });
  }

  async heddle(...args: string[]): Promise<Told> {
    await using process = this.command(...args);
    const status = await process.ended();
    return { status, stdout: process.stdout.text, stderr: process.stderr.text };
  }

  /** Ask through the control socket; the reply is read whole. */
  async ask(path: string, method = "GET"): Promise<Response> {
    using client = Deno.createHttpClient({ proxy: { transport: "unix", path: this.socket } });
    const response = await fetch(`http://heddle${path}`, { method, client });
    return new Response(await response.text(), { status: response.status, headers: response.headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.served[Symbol.asyncDispose]();
    await this.scene[Symbol.asyncDispose]();
  }
}
