import { definePlugin, type Plugin } from "@heddle/heddle";
import { Victim, victimOptions, victimPermissions } from "./_victim.ts";

/** A victim that takes new options as it runs. */
export default definePlugin({
  name: "pliable",
  options: victimOptions,
  permissions: victimPermissions,
  makeService: (options) => new Victim(options, true),
}) as Plugin<typeof victimOptions>;
