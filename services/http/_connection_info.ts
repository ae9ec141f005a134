import type { Address } from "../reactor/address.ts";
import type { TlsInfo, Transport } from "../reactor/transport.ts";
import type { ServerCore } from "./_server_core.ts";
import type { RequestInfo } from "./handler.ts";
import type { HttpRequest } from "./request.ts";
import { acceptWebSocket } from "./websocket/accept.ts";
import type { UpgradeOptions, WebSocketUpgrade } from "./websocket/upgrade.ts";

/** See {@linkcode RequestInfo}. */
export class ConnectionInfo implements RequestInfo {
  readonly #transport: Transport;
  readonly #server: ServerCore;

  constructor(transport: Transport, server: ServerCore) {
    this.#transport = transport;
    this.#server = server;
  }

  get peer(): Address {
    return this.#transport.peer;
  }

  get remoteAddr(): Address {
    return this.#transport.peer;
  }

  get host(): Address {
    return this.#transport.host;
  }

  get tls(): TlsInfo | null {
    return this.#transport.tls;
  }

  upgradeWebSocket(request: HttpRequest, options: UpgradeOptions = {}): WebSocketUpgrade {
    return acceptWebSocket(request, options, this.#server);
  }
}
