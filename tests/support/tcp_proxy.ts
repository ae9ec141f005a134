/** A way to a TCP server that a test can cut, or make slow. */
export class TcpProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: Deno.ConnectOptions;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #stalled = new WeakSet<Deno.TcpConn>();
  readonly #tasks = new Set<Promise<void>>();
  /** Before anything goes on, either way, ms. */
  delay = 0;
  #isCut = false;

  /** Leads to `url`. */
  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#target = { hostname, port: Number(port) };
    this.#track(this.#accept());
  }

  /** Where to connect instead. */
  get url(): string {
    return `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  /** Let nothing through on the connections that there are; new ones are served. */
  stall(): void {
    for (const conn of this.#open) this.#stalled.add(conn);
  }

  /** Break all connections, and take no more. */
  cut(): void {
    this.#isCut = true;
    for (const conn of [...this.#open]) this.#close(conn);
  }

  /** Take connections again. */
  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await Promise.all(this.#tasks);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#isCut) client.close();
      else this.#track(this.#join(client));
    }
  }

  async #join(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    try {
      const server = await Deno.connect(this.#target);
      this.#open.add(server);
      await Promise.all([this.#pump(client, server), this.#pump(server, client)]);
    } catch {
      this.#close(client);
    }
  }

  async #pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
        if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
        if (this.#stalled.has(from)) continue;
        for (let at = 0; at < n;) at += await to.write(buffer.subarray(at, n));
      }
    } catch {
      // Cut.
    }
    this.#close(from);
    this.#close(to);
  }

  #close(conn: Deno.TcpConn): void {
    if (this.#open.delete(conn)) conn.close();
  }

  #track(task: Promise<void>): void {
    const tracked: Promise<void> = task.catch(() => {}).finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }
}
