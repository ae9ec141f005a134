/** Milliseconds after which what a test waits for is taken not to come. */
const DEADLINE = 20_000;

/** A client's end of a connection of text, on the system's own sockets. */
export class TextConn implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #patience: number;
  readonly #decoder = new TextDecoder();
  #text = "";
  #ended = false;

  /** @param patience how long it waits for what is to come, ms */
  constructor(conn: Deno.Conn, patience: number = DEADLINE) {
    this.#conn = conn;
    this.#patience = patience;
  }

  /** Connect to an endpoint of the form in which Heddle reports it, `tcp:127.0.0.1:7007` or `unix:/run/x.sock`. */
  static async connect(endpoint: string, patience?: number): Promise<TextConn> {
    const [, hostname, port] = /^tcp:(.+):(\d+)$/.exec(endpoint) ?? [];
    if (hostname !== undefined) {
      return new TextConn(await Deno.connect({ hostname, port: Number(port) }), patience);
    }
    return new TextConn(
      await Deno.connect({ transport: "unix", path: endpoint.slice("unix:".length) }),
      patience,
    );
  }

  /** Send all of `data`. */
  async send(data: string | Uint8Array): Promise<void> {
    let bytes: Uint8Array = typeof data === "string" ? new TextEncoder().encode(data) : data;
    while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
  }

  /** Say that no more will be sent. */
  async end(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Wait for a line; without its end. */
  async line(): Promise<string> {
    const line = await this.#until(() => /^(.*?)\r?\n/s.exec(this.#text)?.[0]);
    return line.replace(/\r?\n$/, "");
  }

  /** Wait until the server closes; what it has sent by then. */
  async rest(): Promise<string> {
    return await this.#until(() => this.#ended ? this.#text : undefined);
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  async #until(found: () => string | undefined): Promise<string> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Nothing more came after "${this.#text}"`)), this.#patience);
    });
    try {
      for (;;) {
        const text = found();
        if (text !== undefined) {
          this.#text = this.#text.slice(text.length);
          return text;
        }
        if (this.#ended) throw new Error(`The connection is over after "${this.#text}"`);
        await Promise.race([this.#read(), late]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(4096);
    const length = await this.#conn.read(buffer);
    if (length === null) this.#ended = true;
    else this.#text += this.#decoder.decode(buffer.subarray(0, length), { stream: true });
  }
}
