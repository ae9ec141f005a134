/**
 * A web server: sites told apart by their hosts, with routes that serve files, forward, redirect or call a
 * handler.
 *
 * @module
 */
import { definePlugin, type PermissionRequest, type Plugin } from "../../services/plugin/plugin.ts";
import { checkSites } from "./check_sites.ts";
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
      if (handler !== undefined) read.push(handler);
      if (typeof log?.file === "string") write.push(log.file);
    }
  }
  return { read: [...read, ...write], write, ...(discovers && { net: true }) };
}
