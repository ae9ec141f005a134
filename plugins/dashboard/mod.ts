/**
 * Shows an application on a web page, live, and lets an operator steer it there: services with their state and what
 * they use, the log, and buttons to start, stop, restart and reload.
 *
 * @module
 */
import { applicationControl } from "../../services/control/application_control.ts";
import { isLocal } from "../../services/plugin/loopback_endpoint.ts";
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { DashboardService } from "./dashboard_service.ts";
import { options } from "./options.ts";

export default definePlugin({
  name: "dashboard",
  description: "Show the application on a web page, and steer it there",
  options,
  needs: [applicationControl],
  replace: "overlap",
  check: ({ listen, token }) =>
    isLocal(listen) || token !== undefined ? [] : [{
      path: ["token"],
      message:
        "must be given: the dashboard can be reached from other machines; or let it listen on 127.0.0.1",
    }],
  makeService: (options) => new DashboardService(options, { wallClock: Date.now }),
}) as Plugin<typeof options>;
