import { z } from "zod";
import type { ServerEndpoint } from "../endpoint/endpoint.ts";
import { parseIpAddress } from "../endpoint/ip_address.ts";
import { endpoint, type EndpointInput } from "./zod.ts";

/** An endpoint that is for this machine alone where it names no interface. */
export function loopbackEndpoint(): z.ZodType<ServerEndpoint, EndpointInput> {
  return z.preprocess(withLoopback, endpoint()) as unknown as z.ZodType<ServerEndpoint, EndpointInput>;
}

function withLoopback(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replace(/^(tcp|tls):(\d+)(?=$|:(?!.*\binterface=))/, "$1:127.0.0.1:$2");
  }
  if (typeof value !== "object" || value === null || "interface" in value) return value;
  const port = "tcp" in value ? value.tcp : "tls" in value ? value.tls : null;
  return typeof port === "number" ? { ...value, interface: "127.0.0.1" } : value;
}

/** Whether nobody can connect from another machine. */
export function isLocal(endpoint: ServerEndpoint): boolean {
  switch (endpoint.kind) {
    case "tcp":
    case "tls":
      return isLoopback(endpoint.interface);
    case "unix":
      return true;
    default:
      return false;
  }
}

function isLoopback(address: string): boolean {
  const words = parseIpAddress(address);
  if (words === null) return address === "localhost";
  return words.length === 1 ? words[0]! >>> 24 === 127 : words.join() === "0,0,0,1";
}
