import { z } from "zod";
import type { ServerEndpoint } from "../../../services/endpoint/endpoint.ts";
import { isLoopback } from "../../../services/endpoint/ip_address.ts";
import { endpoint } from "../../../services/plugin/zod.ts";

/** The HTTP API, as part of the plugin's options. */
export const httpOptions = z.strictObject({
  listen: endpoint().prefault("tcp:127.0.0.1:7350").describe("Where the HTTP API listens"),
  token: z.string().min(16, "must have 16 characters at least").optional().describe(
    "What clients send as authorization: Bearer ...; demanded beyond loopback and UNIX sockets",
  ),
  hosts: z.array(z.string().min(1)).default([]).describe(
    "Names, besides localhost and the listening address, by which clients may call it",
  ),
}).describe("HTTP API for programs without DNS");

/** What the HTTP API is told. */
export type HttpApiOptions = z.output<typeof httpOptions>;

/** What the schema cannot say of the HTTP API. */
export function checkHttp({ listen, token }: HttpApiOptions): { path: string[]; message: string }[] {
  if (token !== undefined || isPrivate(listen)) return [];
  const message = "is needed beyond loopback and UNIX sockets: whoever reaches it could register services";
  return [{ path: ["token"], message }];
}

function isPrivate(endpoint: ServerEndpoint): boolean {
  if (endpoint.kind === "unix") return true;
  return (endpoint.kind === "tcp" || endpoint.kind === "tls") && isLoopback(endpoint.interface);
}
