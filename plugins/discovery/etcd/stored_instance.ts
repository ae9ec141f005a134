import { parseSocketEndpoint, parseUdpEndpoint } from "../../../services/endpoint/parse.ts";
import { isLoopback } from "../../../services/endpoint/ip_address.ts";
import { readRegistration, type RegisteredFields } from "../../../services/registry/read_registration.ts";
import type { RegistryInstance } from "../../../services/registry/registry.ts";
import { decode, type KeyValue } from "./messages.ts";

/** An instance as etcd keeps it, as JSON. */
export interface StoredInstance extends RegisteredFields {
  readonly node: string;
  /** The life of the registry that wrote it. */
  readonly session: string;
}

/** The instance in a key's value; null when it is none. */
export function readStored(kv: Pick<KeyValue, "value">): StoredInstance | null {
  try {
    const { node, session, ...said } = JSON.parse(decode(kv.value ?? "")) as StoredInstance;
    if (typeof node !== "string" || typeof session !== "string") return null;
    return { ...readRegistration(said, said.id), node, session };
  } catch {
    // Somebody else's value, or one of a version to come.
    return null;
  }
}

/** The instance as it is told of. */
export function toInstance({ session: _, ...fields }: StoredInstance, kv: KeyValue): RegistryInstance {
  return Object.freeze({
    ...fields,
    created: Number(kv.create_revision),
    modified: Number(kv.mod_revision),
  });
}

/** Whether it can be reached from `node`: what listens on loopback, or on a UNIX socket, cannot from elsewhere. */
export function isReachableFrom(node: string, instance: Pick<StoredInstance, "endpoint" | "node">): boolean {
  return instance.node === node || !isLocal(instance.endpoint);
}

function isLocal(endpoint: string): boolean {
  if (endpoint.startsWith("udp:")) return isLoopback(parseUdpEndpoint(endpoint).interface);
  const parsed = parseSocketEndpoint(endpoint);
  return parsed.kind === "unix" || isLoopback(parsed.hostname);
}
