import type { ApplicationSpec, GroupSpec } from "../../services/application_spec.ts";
import type { TcpEndpoint, UnixEndpoint } from "../../services/endpoint/endpoint.ts";
import { childPath } from "../supervisor/dependencies.ts";
import type { ActivatedSocket } from "./units.ts";

/**
 * The endpoints in the options of an application's services that systemd can open for them: TCP with a port of its
 * own, and UNIX sockets. Not TLS, whose endpoint says more than where to listen, nor UDP.
 */
export function activatedSockets(spec: ApplicationSpec): ActivatedSocket[] {
  return socketsOf("", spec.root);
}

function socketsOf(path: string, group: GroupSpec): ActivatedSocket[] {
  return group.children.flatMap((child) => {
    const within = childPath(path, child.name);
    if (child.kind === "group") return socketsOf(within, child);
    const found = endpointsIn(child.options, `services.${within.replaceAll(".", ".services.")}.options`, []);
    return found.map(({ at, endpoint }, i) => ({
      name: `${within.replaceAll(".", "-")}${found.length === 1 ? "" : `-${i + 1}`}`,
      at,
      endpoint,
    }));
  });
}

/** Options are plain data but for what a validator made of them: what is seen once is not looked at again. */
function endpointsIn(value: unknown, at: string, above: readonly object[]): Omit<ActivatedSocket, "name">[] {
  if (typeof value !== "object" || value === null || above.includes(value)) return [];
  if (isActivatable(value)) return [{ at, endpoint: value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    endpointsIn(inner, `${at}.${key}`, [...above, value])
  );
}

/** A server's endpoint; a client's has a host name or no mode. */
function isActivatable(value: object): value is TcpEndpoint | UnixEndpoint {
  if (!("kind" in value)) return false;
  if (value.kind === "unix") return "mode" in value;
  return value.kind === "tcp" && "interface" in value && "backlog" in value && "port" in value &&
    value.port !== 0;
}
