/**
 * A web server: sites told apart by their hosts, with routes that serve files, forward, redirect or call a
 * handler.
 *
 * @module
 */
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { checkSites } from "./check_sites.ts";
import { HttpService } from "./http_service.ts";
import { options } from "./options.ts";

export default definePlugin({
  name: "http",
  description: "Serve web sites",
  options,
  replace: "overlap",
  check: checkSites,
  makeService: (options) => new HttpService(options),
}) as Plugin<typeof options>;
