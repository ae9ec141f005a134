/**
 * HTTP/1.1 on the reactor: a strict, guarded server for handlers of requests.
 *
 * @module
 */
export * from "./client/client_error.ts";
export * from "./client/client_request.ts";
export * from "./client/client_response.ts";
export * from "./client/http_client.ts";
export * from "./client/options.ts";
export * from "./client/request_head.ts";
export * from "./client/response_head.ts";
export * from "./event_stream.ts";
export * from "./handler.ts";
export * from "./http_error.ts";
export * from "./options.ts";
export { headerPairs, Reply, type ReplyBody, type ReplyHeaders, type ReplyInit } from "./reply.ts";
export { HttpRequest } from "./request.ts";
export type { RequestHead } from "./request_head.ts";
export type { Host } from "./_hosts.ts";
export * from "./serve_http.ts";
export * from "./serve_http2.ts";
export * from "./upgrade_reply.ts";
export * from "./websocket/upgrade.ts";
