import { parseSocketEndpoint, parseUdpEndpoint } from "../endpoint/parse.ts";
import { quote } from "../text/quote.ts";
import type { RegistrationChange, RegistrationOptions, RegistryInstance } from "./registry.ts";

/** All that a registrant says of an instance. */
export type RegisteredFields = Omit<RegistryInstance, "node" | "created" | "modified">;

/** A DNS label (RFC 1035, section 2.3.1, with the leading digit of RFC 1123), in lower case. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Visible ASCII: it goes through URLs, keys and logs. */
const ID = /^[!-~]{1,255}$/;
const STATES: readonly string[] = ["ready", "draining", "failed"];
/** Characters of all tags and metadata together: what a registry is asked to keep of one instance. */
const MAX_DETAIL = 4096;

/** Whether `name` can be a service's. */
export function isServiceName(name: string): boolean {
  return LABEL.test(name);
}

/**
 * A registration as it is kept, checked. `id`: what an instance without one is called.
 * @throws {RangeError} saying what is malformed
 */
export function readRegistration(options: RegistrationOptions, id: string): RegisteredFields {
  const { service, endpoint, tags = [], metadata = {}, state = "ready", weight = 1, ttl } = options;
  if (typeof service !== "string" || !LABEL.test(service)) {
    refuse(`its service ${quote(String(service))} must be a DNS label: a-z, 0-9 and "-", 63 at most`);
  }
  if (ttl !== undefined && !(Number.isFinite(ttl) && ttl > 0)) {
    refuse(`its ttl ${quote(String(ttl))} must be milliseconds, more than 0`);
  }
  const known = options.id ?? id;
  if (typeof known !== "string" || !ID.test(known)) {
    refuse(`its id ${quote(String(known))} must be 1 to 255 visible ASCII characters`);
  }
  return { service, id: known, ...readDetails({ endpoint, tags, metadata, state, weight }) };
}

/**
 * `fields` with a change, checked.
 * @throws {RangeError} saying what is malformed
 */
export function readChange(fields: RegisteredFields, change: RegistrationChange): RegisteredFields {
  const { service, id, ...details } = fields;
  return { service, id, ...readDetails({ ...details, ...change }) };
}

type Details = Omit<RegisteredFields, "service" | "id">;

function readDetails({ endpoint, tags, metadata, state, weight }: Details): Details {
  checkEndpoint(endpoint);
  if (!STATES.includes(state)) refuse(`its state ${quote(String(state))} must be ready, draining or failed`);
  if (!Number.isInteger(weight) || weight < 0 || weight > 65_535) {
    refuse(`its weight ${quote(String(weight))} must be an integer from 0 to 65535`);
  }
  if (!Array.isArray(tags) || !tags.every(isText)) refuse("its tags must be a list of texts");
  const entries = Object.entries(metadata);
  if (!entries.every(([key, value]) => isText(key) && typeof value === "string")) {
    refuse("its metadata must be texts by key");
  }
  if ([...tags, ...entries.flat()].join("").length > MAX_DETAIL) {
    refuse(`its tags and metadata have more than ${MAX_DETAIL} characters`);
  }
  return {
    endpoint,
    tags: Object.freeze([...new Set(tags)].sort()),
    metadata: Object.freeze({ ...metadata }),
    state,
    weight,
  };
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function checkEndpoint(endpoint: unknown): void {
  if (typeof endpoint !== "string") refuse(`its endpoint ${quote(String(endpoint))} must be text`);
  try {
    if (endpoint.startsWith("udp:")) parseUdpEndpoint(endpoint);
    else parseSocketEndpoint(endpoint);
  } catch (error) {
    refuse(`its endpoint: ${error instanceof Error ? error.message : error}`);
  }
}

function refuse(why: string): never {
  throw new RangeError(`Cannot register the instance: ${why}`);
}
