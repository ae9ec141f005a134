import { type PermissionKind, PERMISSIONS, type ProcessGrant } from "../../../../services/process_spec.ts";

/** What is in nobody's list: to have it is to have everything of its kind. */
const PROBES: Readonly<Record<PermissionKind, Deno.PermissionDescriptor>> = {
  net: { name: "net", host: "heddle.invalid:1" },
  read: { name: "read", path: "/heddle.invalid" },
  write: { name: "write", path: "/heddle.invalid" },
  env: { name: "env", variable: "HEDDLE_INVALID" },
  run: { name: "run", command: "/heddle.invalid" },
  sys: { name: "sys", kind: "gid" },
  ffi: { name: "ffi", path: "/heddle.invalid" },
  // Deno has it, its types do not yet.
  import: { name: "import" } as unknown as Deno.PermissionDescriptor,
};

/**
 * The kinds of permission of which this process has more than it was granted. A child of Deno that is started without
 * flags has them all; so it looks before it loads anything that is not ours.
 */
export function overgranted(
  grant: ProcessGrant,
  query: (descriptor: Deno.PermissionDescriptor) => Deno.PermissionState = (descriptor) =>
    Deno.permissions.querySync(descriptor).state,
): PermissionKind[] {
  return PERMISSIONS.filter((kind) => {
    if (grant[kind] === true) return false;
    const whole = query({ name: kind } as Deno.PermissionDescriptor) === "granted";
    const listed = Array.isArray(grant[kind]) && kind === "sys" && (grant[kind] as string[]).includes("gid");
    return whole || (!listed && query(PROBES[kind]) === "granted");
  });
}
