import { createHash } from "node:crypto";
import type { ServerCore } from "../_server_core.ts";
import { HttpError } from "../http_error.ts";
import type { HttpRequest } from "../request.ts";
import { UpgradeReply } from "../upgrade_reply.ts";
import { ServerWebSocket } from "./_server_socket.ts";
import type { UpgradeOptions, WebSocketUpgrade } from "./upgrade.ts";
import { WebSocketProtocol } from "./_websocket_protocol.ts";

/** RFC 6455, section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Accept a WebSocket handshake (RFC 6455, section 4.2).
 * @throws {HttpError} 400 or 426 saying what is missing
 */
export function acceptWebSocket(
  request: HttpRequest,
  options: UpgradeOptions,
  server: ServerCore,
): WebSocketUpgrade {
  const key = checkedKey(request);
  const offered = listOf(request.header("sec-websocket-protocol"));
  const { protocol } = options;
  if (protocol !== undefined && !offered.includes(protocol)) {
    throw new HttpError(400, `WebSocket subprotocol "${protocol}" is not offered`);
  }
  const headers: [string, string][] = [
    ["upgrade", "websocket"],
    ["sec-websocket-accept", createHash("sha1").update(key + GUID).digest("base64")],
  ];
  if (protocol !== undefined) headers.push(["sec-websocket-protocol", protocol]);
  const socket = new ServerWebSocket(request.url.replace(/^http/, "ws"), protocol ?? "");
  const conversation = new WebSocketProtocol(socket, options, server);
  return { socket, response: new UpgradeReply(headers, conversation) };
}

function checkedKey(request: HttpRequest): string {
  const upgrade = listOf(request.header("upgrade")).map((item) => item.toLowerCase());
  const connection = listOf(request.header("connection")).map((item) => item.toLowerCase());
  if (!upgrade.includes("websocket") || !connection.includes("upgrade")) {
    throw new HttpError(426, "This is for WebSocket clients", { headers: { upgrade: "websocket" } });
  }
  if (request.header("sec-websocket-version") !== "13") {
    throw new HttpError(426, "WebSocket version is not 13", {
      headers: { "upgrade": "websocket", "sec-websocket-version": "13" },
    });
  }
  if (request.method !== "GET" || request.httpVersion !== "HTTP/1.1") {
    throw new HttpError(400, "WebSocket handshake is no GET of HTTP/1.1");
  }
  const key = request.header("sec-websocket-key") ?? "";
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) throw new HttpError(400, "Sec-WebSocket-Key is no key");
  return key;
}

function listOf(value: string | null): string[] {
  return value === null ? [] : value.split(",").map((item) => item.trim());
}
