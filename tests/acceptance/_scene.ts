import { HeddleProcess, type HeddleProcessOptions } from "../support/heddle_process.ts";

/** Where the plugins of these tests are. */
export const PLUGINS: string = new URL("./plugins/", import.meta.url).pathname;

/** A folder with an application file, which lasts for one test. */
export class Scene implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "acceptance" });

  constructor(applicationFile: string) {
    Deno.writeTextFileSync(`${this.folder}/app.yaml`, applicationFile);
  }

  /** `options.arguments` follow the file. */
  serve(options: HeddleProcessOptions & { readonly arguments?: readonly string[] } = {}): Served {
    const { arguments: more = [] } = options;
    return new Served(["serve", "app.yaml", ...more], { cwd: this.folder, ...options });
  }

  check(): Served {
    return new Served(["check", "app.yaml"], { cwd: this.folder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Heddle with an application. */
export class Served extends HeddleProcess {
  /** Wait until a service is ready; where it listens: `["tcp:127.0.0.1:43210"]`. */
  async endpoints(service: string): Promise<string[]> {
    const started = await this.record((record) => record.service === service && record.message === "Started");
    return started.endpoints as string[];
  }

  /** The port of the first of them. */
  async port(service: string): Promise<string> {
    return (await this.endpoints(service))[0]!.split(":").at(-1)!;
  }

  /** Wait until everything is ready. */
  async ready(): Promise<void> {
    await this.record(({ message }) => message === "Application ready");
  }
}
