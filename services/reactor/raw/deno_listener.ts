import type { ReactorTime } from "../../async/time.ts";
import type { TcpEndpoint, TlsEndpoint } from "../../endpoint/endpoint.ts";
import type { Address } from "../address.ts";
import { formatAddress } from "../address.ts";
import type { RawConn, RawListener } from "../raw.ts";
import { fromDenoAddr } from "./_address.ts";
import { cannotListen, describeBindError } from "./_listen_error.ts";
import { errorCode } from "./_system_error.ts";
import { DenoRawConn, type KnownAddresses } from "./deno_conn.ts";

/** Until `accept` is tried again when the system has no descriptor or memory to spare, milliseconds. */
const EXHAUSTED_DELAY = 100;

/** The listener is well; this one connection, or this moment, is not. */
const PASSING_ERRORS: ReadonlySet<string> = new Set(["ECONNABORTED", "EPROTO", "EINTR"]);
const EXHAUSTED: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

/** A `Deno.Listener` as a {@linkcode RawListener}; `accept` rides out what passes. */
export class DenoRawListener implements RawListener {
  #listener: Deno.TcpListener | Deno.UnixListener;
  #time: ReactorTime;
  #known: KnownAddresses;
  #closed = false;
  #endWait: (() => void) | undefined;
  readonly host: Address;

  constructor(
    listener: Deno.TcpListener | Deno.UnixListener,
    time: ReactorTime,
    known: KnownAddresses = {},
  ) {
    this.#listener = listener;
    this.#time = time;
    this.#known = known;
    this.host = known.host ?? fromDenoAddr(listener.addr);
  }

  async accept(): Promise<RawConn> {
    while (true) {
      try {
        return new DenoRawConn(await this.#listener.accept(), this.#known);
      } catch (error) {
        if (this.#closed) throw error;
        const code = errorCode(error);
        if (EXHAUSTED.has(code)) await this.#wait(EXHAUSTED_DELAY);
        else if (!PASSING_ERRORS.has(code)) throw error;
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
    this.#endWait?.();
  }

  #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = this.#time.callLater(ms, resolve);
    this.#endWait = () => {
      if (call.active) call.cancel();
      resolve();
    };
    return promise;
  }
}

/**
 * Listen on TCP.
 * @throws {CannotListenError} naming the endpoint, the cause and what to do
 */
export function listenTcp(endpoint: TcpEndpoint, time: ReactorTime): RawListener {
  const { interface: hostname, port } = endpoint;
  return bindTcp(endpoint, formatAddress({ transport: "tcp", hostname, port }), time);
}

/** As {@linkcode listenTcp}, for whoever stands on TCP: `name` is the endpoint in error messages. */
export function bindTcp(where: TcpEndpoint | TlsEndpoint, name: string, time: ReactorTime): RawListener {
  const { interface: hostname, port, backlog } = where;
  try {
    return new DenoRawListener(Deno.listen({ hostname, port, tcpBacklog: backlog }), time);
  } catch (error) {
    throw cannotListen(name, describeBindError(error, hostname, port), error);
  }
}
