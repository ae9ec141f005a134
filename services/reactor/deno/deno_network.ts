import { setImmediate } from "node:timers";
import type { ReactorTime } from "../../async/time.ts";
import type {
  ClientEndpoint,
  ConnectTls,
  ServerEndpoint,
  ServeTls,
  UdpEndpoint,
} from "../../endpoint/endpoint.ts";
import type { DialOptions, Network } from "../network.ts";
import type { RawConn, RawDatagram, RawListener } from "../raw.ts";
import { listenTcp } from "../raw/deno_listener.ts";
import { listenUnix } from "../raw/unix_listener.ts";
import { DenoRawConn } from "../raw/deno_conn.ts";

/** The machine's network. */
export class DenoNetwork implements Network {
  readonly #time: ReactorTime;

  constructor(time: ReactorTime) {
    this.#time = time;
  }

  async listen(endpoint: ServerEndpoint): Promise<RawListener> {
    switch (endpoint.kind) {
      case "tcp":
        return listenTcp(endpoint, this.#time);
      case "unix":
        return await listenUnix(endpoint, this.#time);
      default:
        throw new Error("not yet");
    }
  }

  async connect(endpoint: ClientEndpoint, _options: DialOptions): Promise<RawConn> {
    if (endpoint.kind !== "tcp") throw new Error("not yet");
    return new DenoRawConn(await Deno.connect(endpoint));
  }

  bindDatagram(_endpoint: UdpEndpoint): Promise<RawDatagram> {
    throw new Error("not yet");
  }

  startTLS(_raw: RawConn, _tls: ServeTls | ConnectTls): Promise<RawConn> {
    throw new Error("not yet");
  }

  /** An immediate runs when the sockets that were ready have been served. */
  afterTurn(fn: () => void): void {
    setImmediate(fn);
  }
}
