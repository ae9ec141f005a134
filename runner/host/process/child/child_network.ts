import type { ReactorTime } from "../../../../services/async/time.ts";
import type { ServerEndpoint } from "../../../../services/endpoint/endpoint.ts";
import { formatEndpoint } from "../../../../services/endpoint/format.ts";
import type { Logger } from "../../../../services/log.ts";
import type { Address } from "../../../../services/reactor/address.ts";
import { DenoNetwork } from "../../../../services/reactor/deno/deno_network.ts";
import { CannotListenError } from "../../../../services/reactor/errors.ts";
import type { RawListener } from "../../../../services/reactor/raw.ts";
import { InheritedListener } from "./inherited_listener.ts";
import type { StreamHandle } from "./native_conns.ts";

/** A listening socket from the runner. */
export interface ReceivedSocket {
  /** By which it can be asked for again. */
  readonly id: number;
  readonly handle: StreamHandle;
  readonly host: Address;
}

/** How a process gets listening sockets from the runner. */
export interface SocketSource {
  /**
   * The socket for `endpoint`; with `again` the one that was received as that.
   * @throws {Error} with the runner's reason
   */
  receive(endpoint: string, again?: number): Promise<ReceivedSocket>;
}

/** The machine's network as a process of its own sees it: the runner opens what listens for streams. */
export class ChildNetwork extends DenoNetwork {
  readonly #source: SocketSource;
  readonly #options: { readonly time: ReactorTime; readonly log: Logger };

  constructor(time: ReactorTime, log: Logger, source: SocketSource) {
    super(time, log);
    this.#options = { time, log };
    this.#source = source;
  }

  override async listen(endpoint: ServerEndpoint): Promise<RawListener> {
    switch (endpoint.kind) {
      case "haproxy":
        return await super.listen(endpoint);
      case "tls": {
        const { listenTls } = await import("../../../../services/reactor/raw/tls_listener.ts");
        const { tls: _, ...rest } = endpoint;
        return await listenTls(endpoint, this.#options, () => this.#inherit({ ...rest, kind: "tcp" }));
      }
      case "stdio":
        throw new CannotListenError(
          'Cannot listen on "stdio:": a process of its own has none to itself; write "isolate: inline"',
        );
      default:
        return await this.#inherit(endpoint);
    }
  }

  async #inherit(endpoint: ServerEndpoint): Promise<InheritedListener> {
    const name = formatEndpoint(endpoint);
    const receive = async (again?: number) => {
      try {
        return await this.#source.receive(name, again);
      } catch (error) {
        throw new CannotListenError((error as Error).message, { cause: error });
      }
    };
    const { id, handle, host } = await receive();
    const backlog = "backlog" in endpoint ? endpoint.backlog : 4096;
    return new InheritedListener({ host, backlog, receive: async () => (await receive(id)).handle }, handle);
  }
}
