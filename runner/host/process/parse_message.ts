import type { FamilySnapshot } from "../../../services/metrics/snapshot.ts";
import type { Address } from "../../../services/reactor/address.ts";
import type { ProcessStats, ToRunner, WireError } from "./protocol.ts";

/** A check of a value that a process sent. */
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isFields: Check = (value) => isObject(value);

function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function has(checks: Readonly<Record<string, Check>>): Check {
  return (value) => isObject(value) && Object.entries(checks).every(([key, check]) => check(value[key]));
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

const isError: Check = has(
  { name: isText, message: isText, stack: optional(isText) } satisfies Record<keyof WireError, Check>,
);

const isAddress: Check = (value) =>
  isObject(value) &&
  (value.transport === "unix"
    ? isText(value.path)
    : (value.transport === "tcp" || value.transport === "udp") && isText(value.hostname) &&
      isNumber(value.port));

const isStats: Check = has(
  {
    endpoints: listOf(isAddress as (value: unknown) => value is Address),
    connections: isNumber,
    bytesRead: isNumber,
    bytesWritten: isNumber,
    cpu: isNumber,
    memory: isNumber,
  } satisfies Record<keyof ProcessStats, Check>,
);

const METRIC_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const isMetricName: Check = (value) => isText(value) && METRIC_NAME.test(value as string);

const isFamily: Check = (value) =>
  has({
    name: isMetricName,
    help: isText,
    kind: (kind) => kind === "counter" || kind === "gauge" || kind === "histogram",
    labels: listOf(isMetricName),
    buckets: optional(listOf(isNumber)),
    samples: listOf(has({ labels: isTexts, value: isNumber, counts: optional(listOf(isNumber)) })),
  })(value) && isWhole(value as FamilySnapshot);

/** Every sample has as many label values and classes as its family says. */
function isWhole({ kind, labels, buckets, samples }: FamilySnapshot): boolean {
  return samples.every((sample) =>
    sample.labels.length === labels.length &&
    (kind !== "histogram" || sample.counts?.length === (buckets?.length ?? 0) + 1)
  );
}

/** What each kind of message consists of. */
const MESSAGES: { readonly [K in ToRunner["kind"]]: Check } = {
  hello: has({ version: isNumber }),
  overgranted: has({ what: isTexts }),
  listen: has({ id: isNumber, endpoint: isText, again: optional(isNumber) }),
  received: has({ id: isNumber }),
  ready: has({ stats: isStats }),
  startFailed: has({ error: isError }),
  finished: has({}),
  failed: has({ error: isError }),
  stopped: has({ leftovers: isTexts }),
  answer: has({ id: isNumber, error: optional(isError) }),
  pong: has({ id: isNumber, stats: isStats, metrics: listOf(isFamily) }),
  log: has({
    level: (level) => level === "debug" || level === "info" || level === "warn" || level === "error",
    message: isText,
    fields: optional(isFields),
  }),
};

/**
 * A message of a process, which may be in strange hands: nothing else than what the protocol says gets in.
 * @throws {TypeError} when it is anything else
 */
export function parseMessage(text: string): ToRunner {
  const message: unknown = JSON.parse(text);
  if (isObject(message) && typeof message.kind === "string" && Object.hasOwn(MESSAGES, message.kind)) {
    if (MESSAGES[message.kind as ToRunner["kind"]](message)) return message as unknown as ToRunner;
  }
  throw new TypeError("its process sent what is no message of the protocol");
}
