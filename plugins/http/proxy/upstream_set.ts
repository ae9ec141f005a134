import type { ClientEndpoint } from "../../../services/endpoint/endpoint.ts";
import { parseSocketEndpoint } from "../../../services/endpoint/parse.ts";
import type { Registry, RegistryInstance } from "../../../services/registry/registry.ts";
import { Upstream, type UpstreamSettings } from "./upstream.ts";

/** The upstreams of a route: those that are written down, and those that a registry knows of just now. */
export class UpstreamSet implements Disposable {
  readonly #settings: UpstreamSettings;
  readonly #stop = new AbortController();
  /** By target of the options, and for a service by the instance's id. */
  readonly #members = new Map<string, Upstream>();
  /** Where those of services are, as the registry says it. */
  readonly #places = new WeakMap<Upstream, string>();
  #all: readonly Upstream[] = [];

  constructor(targets: readonly ClientEndpoint[], settings: UpstreamSettings, registry: Registry | null) {
    this.#settings = settings;
    for (const [at, target] of targets.entries()) {
      if (target.kind === "discover") void this.#follow(target.service, `${at} `, registry!);
      else this.#members.set(`${at}`, new Upstream(target, settings));
    }
    this.#changed();
  }

  /** In the order of the options. */
  get all(): readonly Upstream[] {
    return this.#all;
  }

  /** Aborted when it is disposed of. */
  get disposed(): AbortSignal {
    return this.#stop.signal;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    for (const upstream of this.#all) upstream[Symbol.dispose]();
  }

  async #follow(service: string, prefix: string, registry: Registry): Promise<void> {
    try {
      for await (const event of registry.watch({ service, signal: this.#stop.signal })) {
        if (event.kind === "snapshot") {
          const ids = new Set(event.instances.map(({ id }) => prefix + id));
          for (const key of this.#members.keys()) {
            if (key.startsWith(prefix) && !ids.has(key)) this.#drop(key);
          }
          for (const instance of event.instances) this.#put(prefix + instance.id, instance, registry);
        } else if (event.kind === "put") {
          this.#put(prefix + event.instance.id, event.instance, registry);
        } else {
          this.#drop(prefix + event.instance.id);
        }
        this.#changed();
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const { log, route } = this.#settings;
      log.error(`Cannot follow service "${service}" any more: its upstreams stay as they are`, {
        route,
        error,
      });
    }
  }

  /** An instance that is not ready, or takes no work, is no upstream. */
  #put(key: string, instance: RegistryInstance, registry: Registry): void {
    const fit = instance.state === "ready" && instance.weight > 0;
    const known = this.#members.get(key);
    if (known !== undefined && fit && this.#places.get(known) === instance.endpoint) {
      known.weight = instance.weight;
      return;
    }
    this.#drop(key);
    if (!fit) return;
    const { log, route } = this.#settings;
    try {
      const endpoint = parseSocketEndpoint(instance.endpoint);
      const upstream = new Upstream(
        endpoint,
        this.#settings,
        (outcome) => registry.report(instance, outcome),
      );
      upstream.weight = instance.weight;
      this.#places.set(upstream, instance.endpoint);
      this.#members.set(key, upstream);
    } catch (error) {
      log.warn(`Instance "${instance.id}" of "${instance.service}" is no upstream`, { route, error });
    }
  }

  #drop(key: string): void {
    this.#members.get(key)?.forget();
    this.#members.delete(key);
  }

  #changed(): void {
    this.#all = [...this.#members].sort(([a], [b]) => parseInt(a) - parseInt(b)).map(([, upstream]) =>
      upstream
    );
  }
}
