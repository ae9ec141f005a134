import type { ErrorReply } from "./api.ts";
import { NoRunnerError } from "./find_runner.ts";

/** What a runner answered. */
export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** The runner will not do what it was asked for. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** A runner, spoken to through its control socket. */
export class ControlClient implements Disposable {
  readonly #socket: string;
  readonly #http: Deno.HttpClient;

  constructor(socket: string) {
    this.#socket = socket;
    this.#http = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
  }

  /**
   * Ask for `path` (`/v1/status`). Statuses that belong to what is asked for (409, 422, 503) are answers.
   * @throws {RefusedError} with what the runner says of a request that it does not take
   * @throws {NoRunnerError} when the runner is gone
   */
  async ask<T>(method: "GET" | "POST", path: string): Promise<Answer<T>> {
    const response = await this.#fetch(method, path);
    const body = await this.#reading(response.json());
    if (isError(body)) throw refusal(body);
    return { status: response.status, body: body as T };
  }

  /** The lines of JSON at `path` as they come, until the runner ends or `signal` is aborted. */
  async *lines<T>(path: string, signal: AbortSignal): AsyncGenerator<T> {
    const response = await this.#fetch("GET", path, signal);
    if (!response.ok) throw refusal(await this.#reading(response.json()) as ErrorReply);
    let rest = "";
    try {
      for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        for (const line of lines) yield JSON.parse(line) as T;
      }
    } catch (error) {
      // It was cut off: the runner has ended, or who reads has had enough.
      if (!(error instanceof TypeError) && !signal.aborted) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#http.close();
  }

  #fetch(method: string, path: string, signal?: AbortSignal): Promise<Response> {
    return this.#reading(fetch(`http://heddle${path}`, {
      method,
      client: this.#http,
      ...(signal !== undefined && { signal }),
    }));
  }

  async #reading<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new NoRunnerError(`Cannot reach the application at "${this.#socket}": it has ended`, { cause });
    }
  }
}

function isError(body: unknown): body is ErrorReply {
  return typeof body === "object" && body !== null && "error" in body;
}

function refusal({ error: { message, suggestion } }: ErrorReply): RefusedError {
  return new RefusedError(suggestion === undefined ? message : `${message} (${suggestion})`);
}
