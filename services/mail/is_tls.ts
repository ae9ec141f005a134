import type { ServerEndpoint } from "../endpoint/endpoint.ts";

/** Whether all that comes in at an endpoint is encrypted, from the first octet on. */
export function isTls(endpoint: ServerEndpoint): boolean {
  return (endpoint.kind === "haproxy" ? endpoint.inner : endpoint).kind === "tls";
}
