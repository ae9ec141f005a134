import type { ReactorTime } from "../../async/time.ts";
import type { SocketEndpoint } from "../../endpoint/endpoint.ts";
import { parseSocketEndpoint } from "../../endpoint/parse.ts";
import { ConnectError } from "../errors.ts";

/** An instance of a service, as far as it is needed to connect to it. */
export interface FoundInstance {
  /** Unique among all. */
  readonly id: string;
  /** Where it is reached, as an endpoint string. */
  readonly endpoint: string;
}

/** Chooses instances of services by name: a registry, as far as a reactor needs one. */
export interface InstanceFinder {
  /** The one to try next; null when there is none. */
  resolve(service: string): FoundInstance | null;
  /** What came of it. */
  report(instance: FoundInstance, outcome: "failed" | "ok"): void;
}

/** How an instance is dialled. */
export interface DialInstanceOptions<T> {
  /** Gives the registry; throws when none is in reach. */
  readonly finder: () => InstanceFinder;
  readonly time: Pick<ReactorTime, "now">;
  /** For all attempts together, ms. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** One attempt, which may take `timeout` ms. */
  readonly dial: (endpoint: SocketEndpoint, timeout: number) => Promise<T>;
}

/** One that does not answer leaves time for others. */
const SHARE = 3;

/**
 * Connect to an instance of `service`, to another one when that fails, until each that the registry chooses has been
 * tried once. The registry is told what came of each.
 *
 * @throws {ConnectError} saying why none could be reached; the signal's reason
 */
export async function dialInstance<T>(service: string, options: DialInstanceOptions<T>): Promise<T> {
  const { time, timeout, signal, dial } = options;
  const finder = findRegistry(service, options.finder);
  const end = time.now() + timeout;
  const tried = new Set<string>();
  let last: unknown;
  for (let left = timeout; left > 0; left = end - time.now()) {
    const instance = finder.resolve(service);
    if (instance === null || tried.has(instance.id)) break;
    tried.add(instance.id);
    try {
      const result = await dial(parseSocketEndpoint(instance.endpoint), Math.min(left, timeout / SHARE));
      finder.report(instance, "ok");
      return result;
    } catch (error) {
      signal.throwIfAborted();
      finder.report(instance, "failed");
      last = error;
    }
  }
  throw new ConnectError(`Cannot connect to "discover:${service}": ${reasonOf(tried.size, last)}`, {
    cause: last,
  });
}

function findRegistry(service: string, finder: () => InstanceFinder): InstanceFinder {
  try {
    return finder();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const advice = 'a service with "plugin: discovery" provides one, to those that name it under "needs"';
    throw new ConnectError(
      `Cannot connect to "discover:${service}": no registry is in reach; ${advice} (${why})`,
      { cause },
    );
  }
}

function reasonOf(tried: number, last: unknown): string {
  if (tried === 0) return "no instance of it is ready";
  const message = last instanceof Error ? last.message : String(last);
  return `${tried === 1 ? "its only instance" : `each of ${tried} instances`} failed; the last: ${message}`;
}
