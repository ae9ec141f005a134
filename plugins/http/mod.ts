/**
 * A web server: sites told apart by their hosts, with routes that serve files, forward, redirect or call a
 * handler.
 *
 * @module
 */
import { definePlugin, type PermissionRequest, type Plugin } from "../../services/plugin/plugin.ts";
import { dirname } from "node:path";
import type { AccessLogOptions } from "./access_log/options.ts";
import { checkSites } from "./check_sites.ts";
import { isUrl } from "./handler/is_url.ts";
import { HttpService } from "./http_service.ts";
import { type HttpPluginOptions, options, sitesOf } from "./options.ts";

export default definePlugin({
  name: "http",
  description: "Serve web sites",
  options,
  replace: "overlap",
  check: checkSites,
  permissions,
  makeService: (options) => new HttpService(options),
}) as Plugin<typeof options>;

function permissions(options: HttpPluginOptions): PermissionRequest {
  const read: string[] = [];
  const write: string[] = [];
  let discovers = false;
  for (const { routes, around } of sitesOf(options)) {
    for (const { files, handler, proxy, log = around.log } of routes) {
      // Where they are, nobody knows beforehand.
      discovers ||= proxy?.to.some(({ kind }) => kind === "discover") ?? false;
      if (files !== undefined) read.push(files.root);
      // What a module imports is read, too; what is no path is fetched as the runtime is told to.
      if (handler !== undefined && !isUrl(handler)) read.push(dirname(handler));
      if (log !== null && log !== undefined) write.push(...logFiles(log));
    }
  }
  return { read: [...read, ...write], write, net: discovers || http2Hosts(options) };
}

/** The runtime's own server listens for HTTP/2, and takes a permission for that. */
function http2Hosts({ http2 }: HttpPluginOptions): string[] {
  return [http2].flat().flatMap((endpoint) => {
    if (endpoint.kind !== "tcp" && endpoint.kind !== "tls") return [];
    const host = endpoint.interface.includes(":") ? `[${endpoint.interface}]` : endpoint.interface;
    return [`${host}:${endpoint.port}`];
  });
}

/** The file that is written, and those that it becomes when it is rotated. */
function logFiles({ file, keep }: AccessLogOptions): string[] {
  if (file === null) return [];
  return [file, ...Array.from({ length: keep }, (_, age) => `${file}.${age + 1}`)];
}
