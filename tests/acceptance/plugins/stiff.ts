import { definePlugin, type Plugin } from "@heddle/heddle";
import { Victim, victimOptions, victimPermissions } from "./_victim.ts";

/** A victim that has to stop for new options. */
export default definePlugin({
  name: "stiff",
  options: victimOptions,
  permissions: victimPermissions,
  makeService: (options) => new Victim(options, false),
}) as Plugin<typeof victimOptions>;
