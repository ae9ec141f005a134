import { denoCommand } from "./run_process.ts";

/** Until an application must be ready, ms. */
const START_TIMEOUT = 60_000;

/** `heddle serve` of an application file in a folder of its own, and its control socket. */
export class ServedApplication implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #client: Deno.HttpClient;

  private constructor(folder: string, child: Deno.ChildProcess) {
    this.#folder = folder;
    this.#child = child;
    const path = `${folder}/bench.sock`;
    this.#client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  }

  /** Serve `file`, whose application is named `bench`; resolves when it is ready and answers. */
  static async start(file: string): Promise<ServedApplication> {
    const folder = await Deno.makeTempDir({ prefix: "bench" });
    await Deno.writeTextFile(`${folder}/app.yaml`, file);
    const [program, ...args] = denoCommand(
      "../runner/cli/main.ts",
      "serve",
      `${folder}/app.yaml`,
      "--log-level",
      "debug",
    );
    const child = new Deno.Command(program!, {
      args,
      env: { HEDDLE_CONTROL: `${folder}/` },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const late = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT);
    const served = new ServedApplication(folder, child);
    try {
      await served.#says("Control socket open");
      return served;
    } catch (error) {
      await served[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Put another file in the place of the application's. */
  async write(file: string): Promise<void> {
    await Deno.writeTextFile(`${this.#folder}/app.yaml`, file);
  }

  /**
   * Ask through the control socket.
   * @throws {Error} when the answer is no success
   */
  async ask(method: "GET" | "POST", path: string): Promise<unknown> {
    const response = await fetch(`http://heddle${path}`, { method, client: this.#client });
    const body = await response.json();
    if (!response.ok) throw new Error(`Cannot ${method} "${path}": ${JSON.stringify(body)}`);
    return body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** Wait for a record of the log; what comes later is read and dropped, so that it is not held up. */
  async #says(message: string): Promise<void> {
    const found = Promise.withResolvers<void>();
    void (async () => {
      let rest = "";
      for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
        rest = (rest + text).slice(-4_096);
        if (rest.includes(`"message":"${message}"`)) found.resolve();
      }
      found.reject(new Error(`Cannot measure the application: it ended without "${message}"`));
    })();
    await found.promise;
  }
}
