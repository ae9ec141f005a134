import { definePlugin, type Plugin } from "@heddle/heddle";
import { Victim, victimOptions, victimPermissions } from "./_victim.ts";

/** A victim that gets a successor beside it for new options. */
export default definePlugin({
  name: "doubled",
  options: victimOptions,
  permissions: victimPermissions,
  replace: "overlap",
  makeService: (options) => new Victim(options, false),
}) as Plugin<typeof victimOptions>;
