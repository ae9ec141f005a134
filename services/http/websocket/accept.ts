import { HttpError } from "../http_error.ts";
import type { HttpRequest } from "../request.ts";
import type { UpgradeOptions, WebSocketUpgrade } from "./upgrade.ts";

/** Accept a WebSocket handshake. */
export function acceptWebSocket(_request: HttpRequest, _options: UpgradeOptions): WebSocketUpgrade {
  throw new HttpError(426, "WebSocket is not there yet");
}
