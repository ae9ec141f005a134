/**
 * Runs any program as a supervised service, with all that it starts: what Twisted's procmon did, under the same
 * supervisor as every other service.
 *
 * @module
 */
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { spawnProcess } from "../../services/process/child_process.ts";
import { options } from "./options.ts";
import { ProcessService } from "./process_service.ts";

export default definePlugin({
  name: "process",
  description: "Run a program, and restart it when it ends",
  options,
  permissions: ({ command }) => ({ run: [command[0]!] }),
  makeService: (options) => new ProcessService(options, spawnProcess),
}) as Plugin<typeof options>;
