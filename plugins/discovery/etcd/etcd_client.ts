import type { ReactorTime } from "../../../services/async/time.ts";
import { EtcdAway, EtcdError, GRPC } from "./etcd_error.ts";

/** What a client works with. */
export interface EtcdClientOptions {
  /** Client URLs of the members. */
  readonly urls: readonly string[];
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** What is trusted and presented over TLS, as PEM text. */
  readonly tls?: { readonly caCerts?: string[]; readonly cert?: string; readonly key?: string };
  readonly time: ReactorTime;
  /** Milliseconds that a member has to answer. */
  readonly timeout: number;
}

/** Speaks to whichever of etcd's members answers, through the HTTP/JSON gateway that each of them has. */
export class EtcdClient implements Disposable {
  readonly #urls: readonly string[];
  readonly #options: EtcdClientOptions;
  readonly #http: Deno.HttpClient;
  readonly #closed = new AbortController();
  /** The member that answered last. */
  #at = 0;
  #token: string | null = null;

  constructor(options: EtcdClientOptions) {
    this.#options = options;
    this.#urls = options.urls.map((url) => url.replace(/\/$/, ""));
    const { tls } = options;
    this.#http = Deno.createHttpClient(
      tls?.cert !== undefined && tls.key !== undefined
        ? { caCerts: tls.caCerts ?? [], cert: tls.cert, key: tls.key }
        : { caCerts: tls?.caCerts ?? [] },
    );
  }

  /**
   * Ask once; a member that does not answer makes way for the next.
   * @throws {EtcdError} when etcd refuses
   * @throws {EtcdAway} when no member answers
   */
  async call<T>(method: string, body: object): Promise<T> {
    return await this.#onSomeMember(async (url) => {
      using bounded = this.#bounded(null);
      return await readJson<T>(await this.#post(url, method, body, bounded.signal));
    });
  }

  /** As `call`, for methods whose answer is a stream: its first message. */
  async callStream<T>(method: string, body: object): Promise<T> {
    return (await this.call<{ result: T }>(method, body)).result;
  }

  /**
   * Open a stream of messages; resolves when a member has begun to answer. Ends with `signal`.
   * @throws as `call`, and while it is read {@linkcode EtcdAway} when it breaks
   */
  async open<T>(method: string, body: object, signal: AbortSignal): Promise<AsyncGenerator<T>> {
    return await this.#onSomeMember(async (url) => {
      using bounded = this.#bounded(signal);
      return messagesOf<T>(await this.#post(url, method, body, bounded.signal), url);
    }, signal);
  }

  /** Break off what is under way. */
  [Symbol.dispose](): void {
    this.#closed.abort(new EtcdAway("The connection to etcd was closed"));
    this.#http.close();
  }

  /** Try the member that answered last, then the others in turn. */
  async #onSomeMember<T>(ask: (url: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let last: unknown;
    for (let tries = 0; tries < this.#urls.length; tries++) {
      const at = this.#at;
      try {
        return await this.#authenticated(this.#urls[at]!, ask);
      } catch (error) {
        if (this.#closed.signal.aborted) throw this.#closed.signal.reason;
        if (error instanceof EtcdError || signal?.aborted) throw error;
        last = error;
        // Unless another request has gone on already.
        if (this.#at === at) this.#at = (at + 1) % this.#urls.length;
      }
    }
    throw last;
  }

  /** With a token where there is a user; one that has expired is replaced. */
  async #authenticated<T>(url: string, ask: (url: string) => Promise<T>): Promise<T> {
    const { user, password } = this.#options;
    if (user === undefined) return await ask(url);
    const hadToken = this.#token !== null;
    if (!hadToken) await this.#logIn(url, user, password!);
    try {
      return await ask(url);
    } catch (error) {
      if (!hadToken || !isTokenRefused(error)) throw error;
      await this.#logIn(url, user, password!);
      return await ask(url);
    }
  }

  async #logIn(url: string, name: string, password: string): Promise<void> {
    this.#token = null;
    using bounded = this.#bounded(null);
    const response = await this.#post(url, "auth/authenticate", { name, password }, bounded.signal);
    this.#token = (await readJson<{ token: string }>(response)).token;
  }

  async #post(url: string, method: string, body: object, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { "grpc-metadata-hasleader": "true" };
    if (this.#token !== null) headers.authorization = this.#token;
    let response: Response;
    try {
      response = await fetch(`${url}/v3/${method}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        signal,
        client: this.#http,
      });
      if (response.ok) return response;
    } catch (error) {
      throw new EtcdAway(`Cannot reach etcd at "${url}": ${reasonOf(error)}`);
    }
    throw refusal(url, response.status, await response.text().catch(() => ""));
  }

  /** A signal for a request that must be answered in time. */
  #bounded(signal: AbortSignal | null): Bounded {
    return new Bounded(this.#options, [this.#closed.signal, ...(signal === null ? [] : [signal])]);
  }
}

/** Bounds a request in time, until it is released. */
class Bounded implements Disposable {
  readonly signal: AbortSignal;
  readonly #late = new AbortController();
  readonly #call;

  constructor({ time, timeout }: EtcdClientOptions, signals: readonly AbortSignal[]) {
    this.signal = AbortSignal.any([this.#late.signal, ...signals]);
    this.#call = time.callLater(timeout, () => {
      this.#late.abort(new EtcdAway(`no answer within ${timeout} ms`));
    });
  }

  /** It has been answered. */
  [Symbol.dispose](): void {
    this.#call.cancel();
  }
}

async function readJson<T>(response: Response): Promise<T> {
  try {
    return await response.json();
  } catch (error) {
    throw new EtcdAway(`Cannot read etcd's answer: ${reasonOf(error)}`);
  }
}

/** The messages of a stream: a JSON object on each line. */
async function* messagesOf<T>(response: Response, url: string): AsyncGenerator<T> {
  let rest = "";
  try {
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const message = JSON.parse(line) as { result?: T; error?: { message?: string; grpc_code?: number } };
        if (message.result === undefined) throw refusal(url, 200, line);
        yield message.result;
      }
    }
  } catch (error) {
    if (error instanceof EtcdError || error instanceof EtcdAway) throw error;
    throw new EtcdAway(`Lost etcd at "${url}": ${reasonOf(error)}`);
  }
  throw new EtcdAway(`Lost etcd at "${url}": it ended the stream`);
}

/** What a refusal means: `{ error, code }`, or in a stream `{ error: { message, grpc_code } }`. */
function refusal(url: string, status: number, text: string): EtcdError | EtcdAway {
  let [message, code]: [string, number] = [text.slice(0, 200), -1];
  try {
    const parsed = JSON.parse(text) as {
      error?: string | { message?: string; grpc_code?: number };
      code?: number;
    };
    const { error } = parsed;
    message = typeof error === "object" ? error.message ?? message : error ?? message;
    code = (typeof error === "object" ? error.grpc_code : parsed.code) ?? -1;
  } catch {
    // No gateway of etcd's: a proxy's page, perhaps.
  }
  const isAway = code === GRPC.unavailable || code === GRPC.deadlineExceeded ||
    (status >= 500 && code === -1);
  if (isAway) return new EtcdAway(`etcd at "${url}" cannot answer: ${message}`);
  return new EtcdError(`etcd at "${url}" refuses: ${message || `status ${status}`}`, code);
}

function isTokenRefused(error: unknown): boolean {
  return error instanceof EtcdError &&
    (error.code === GRPC.unauthenticated || /invalid auth token/.test(error.message));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
