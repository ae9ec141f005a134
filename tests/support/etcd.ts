import { isMissing } from "./programs.ts";

/** Whether tests that need etcd must be skipped: give it to `ignore`. */
export const withoutEtcd: boolean = isMissing("etcd");

/** PEM files with which etcd serves TLS, and demands it of its clients. */
export interface EtcdTls {
  readonly certificate: string;
  readonly privateKey: string;
  readonly authority: string;
}

/** An etcd on loopback with a data folder of its own, which both go with the test. */
export class Etcd implements AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  readonly #arguments: readonly string[];
  readonly #tls: EtcdTls | undefined;
  #child: Deno.ChildProcess | null = null;

  private constructor(folder: string, clientPort: number, peerPort: number, tls: EtcdTls | undefined) {
    this.folder = folder;
    this.#tls = tls;
    this.url = `${tls === undefined ? "http" : "https"}://127.0.0.1:${clientPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    this.#arguments = [
      ...["--data-dir", `${folder}/data`, "--log-level", "error", "--name", "test"],
      ...["--listen-client-urls", this.url, "--advertise-client-urls", this.url],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster", `test=${peer}`],
      ...(tls === undefined ? [] : ["--cert-file", tls.certificate, "--key-file", tls.privateKey]),
      ...(tls === undefined ? [] : ["--client-cert-auth", "--trusted-ca-file", tls.authority]),
    ];
  }

  /** One that answers. */
  static async start(tls?: EtcdTls): Promise<Etcd> {
    const folder = await Deno.makeTempDir({ prefix: "etcd" });
    const [client, peer] = freePorts(2);
    const etcd = new Etcd(folder, client!, peer!, tls);
    await etcd.start();
    return etcd;
  }

  /** Start it, or start it again with its data. Resolves when it answers. */
  async start(): Promise<void> {
    this.#child = new Deno.Command("etcd", {
      args: [...this.#arguments],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const deadline = performance.now() + 20_000;
    while (!await this.#isHealthy()) {
      if (performance.now() > deadline) throw new Error("etcd did not answer within 20 s");
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** End it by `signal`; resolves when it is gone. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = null;
    child?.kill(signal);
    await child?.status;
  }

  /** Ask it directly, past everything that is tested. */
  async call(method: string, body: object): Promise<{ readonly header?: { readonly revision?: string } }> {
    const response = await fetch(`${this.url}/v3/${method}`, { method: "POST", body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`etcd refuses ${method}: ${text}`);
    return JSON.parse(text);
  }

  /** Forget everything before the latest revision. */
  async compact(): Promise<void> {
    const { header } = await this.call("kv/range", { key: btoa("x") });
    await this.call("kv/compaction", { revision: header!.revision, physical: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await Deno.remove(this.folder, { recursive: true });
  }

  async #isHealthy(): Promise<boolean> {
    try {
      // Over TLS it would have to be shown a certificate: that it takes connections will do.
      if (this.#tls !== undefined) {
        (await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(this.url).port) })).close();
        return true;
      }
      const response = await fetch(`${this.url}/health`);
      return (await response.json()).health === "true";
    } catch {
      return false;
    }
  }
}

/** Ports that nothing listens on. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}
