import type { RequestInfo } from "../../../services/http/handler.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import type { Address } from "../../../services/reactor/address.ts";
import type { TlsInfo } from "../../../services/reactor/transport.ts";
import type { UpgradeOptions, WebSocketUpgrade } from "../../../services/http/websocket/upgrade.ts";

/** What is known of a request that a trusted proxy has forwarded: `peer` is the client's, all else the connection's. */
export class ForwardedInfo implements RequestInfo {
  /** The connection, whose peer is the proxy. */
  readonly connection: RequestInfo;
  /** The client, as far as proxies have told; its port is not, and is 0. */
  readonly peer: Address;
  /** Whether the client came with TLS, to whichever proxy took it off. */
  readonly secure: boolean;

  constructor(connection: RequestInfo, peer: Address, secure: boolean) {
    this.connection = connection;
    this.peer = peer;
    this.secure = secure;
  }

  get remoteAddr(): Address {
    return this.peer;
  }

  get host(): Address {
    return this.connection.host;
  }

  get tls(): TlsInfo | null {
    return this.connection.tls;
  }

  upgradeWebSocket(request: HttpRequest, options?: UpgradeOptions): WebSocketUpgrade {
    return this.connection.upgradeWebSocket(request, options);
  }
}

/** Whether the client speaks TLS, to us or to a trusted proxy before us. */
export function isSecure(info: RequestInfo): boolean {
  return info.tls !== null || (info instanceof ForwardedInfo && info.secure);
}
