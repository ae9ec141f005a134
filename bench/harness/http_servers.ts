import { createRequire } from "node:module";
import type { Contender } from "./contender.ts";
import { benchFile, denoCommand } from "./run_process.ts";

type Handler = "hello" | "data" | "count" | "stream" | "response" | "hono" | "socket";

/** Heddle's engine with one handler and nothing around it. */
export function engine(handler: Handler): Contender {
  return { name: "Heddle's engine", command: denoCommand("contenders/http/heddle.ts", handler) };
}

/** HTTP/2 by the adapter to the runtime's server. */
export function adapter(handler: Handler): Contender {
  return { name: "Heddle, HTTP/2", command: denoCommand("contenders/http/heddle.ts", handler, "http2") };
}

/** `plugin: http`, as `heddle serve` runs it, with what `contenders/http/plugin.ts` knows by that name. */
export function plugin(kind: string, ...args: readonly (string | number)[]): Contender {
  return { name: "Heddle", command: denoCommand("contenders/http/plugin.ts", kind, ...args) };
}

/** The runtime's own server with one handler. */
export function denoServe(handler: Exclude<Handler, "response">): Contender {
  return { name: "Deno.serve", command: denoCommand("contenders/http/deno_serve.ts", handler) };
}

/** `node:http` as Deno has it. */
export const nodeHttpInDeno: Contender = {
  name: "node:http in Deno",
  command: denoCommand("contenders/http/node_http.mjs"),
};

/** `node:http` on Node. */
export const nodeHttp: Contender = {
  name: "node:http on Node",
  command: ["node", benchFile("contenders/http/node_http.mjs")],
  probe: ["node", "--version"],
  install: "apt-get install nodejs",
};

/** The npm package `ws` on Node. */
export const nodeWs: Contender = {
  name: "ws on Node",
  command: ["node", benchFile("contenders/http/node_ws.mjs"), createRequire(import.meta.url).resolve("ws")],
  probe: ["node", "--version"],
  install: "apt-get install nodejs",
};

/** twisted.web, as the system packages it. */
export function twistedWeb(...args: readonly string[]): Contender {
  return {
    name: "twisted.web",
    command: ["/usr/bin/python3", benchFile("contenders/http/twisted_web.py"), ...args],
    probe: ["/usr/bin/python3", "-c", "import twisted.web"],
    install: "apt-get install python3-twisted",
  };
}

/** nginx in one process. */
export function nginx(...args: readonly (string | number)[]): Contender {
  return {
    name: "nginx",
    command: denoCommand("contenders/http/nginx.ts", ...args),
    probe: ["nginx", "-v"],
    install: "apt-get install nginx-light",
  };
}

/** A proxy that anybody would write first: `fetch` within `Deno.serve`. */
export function fetchProxy(port: number): Contender {
  return { name: "fetch in Deno.serve", command: denoCommand("contenders/http/fetch_proxy.ts", port) };
}

/** Caddy on one processor. */
export const caddy: Contender = {
  name: "Caddy",
  command: denoCommand("contenders/http/caddy.ts"),
  probe: ["caddy", "version"],
  install: "apt-get install caddy",
};
