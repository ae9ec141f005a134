import type { ServiceContext } from "../../../services/context.ts";
import { eventStream, type ServerSentEvent } from "../../../services/http/event_stream.ts";
import { HttpError } from "../../../services/http/http_error.ts";
import { Reply } from "../../../services/http/reply.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import { serveHttp } from "../../../services/http/serve_http.ts";
import { isServiceName } from "../../../services/registry/read_registration.ts";
import type { Registry, RegistryInstance } from "../../../services/registry/registry.ts";
import { Access } from "./access.ts";
import type { HttpApiOptions } from "./options.ts";
import { OutsideInstances } from "./outside_instances.ts";
import { readRegistrationBody } from "./read_body.ts";

/** Connections at once, most of which watch. */
const CONNECTIONS = 1_000;

/** Serve the registry over HTTP, on the account of `context`. @throws {CannotListenError} */
export async function serveApi(
  options: HttpApiOptions,
  registry: Registry,
  { reactor, log, draining }: ServiceContext,
): Promise<void> {
  const access = new Access(options);
  const api = new RegistryApi(registry, new OutsideInstances(registry, reactor), draining, reactor);
  await serveHttp(
    reactor,
    options.listen,
    (request) => {
      access.check(request);
      return api.handle(request);
    },
    { log, maxConnections: CONNECTIONS },
  );
}

type Method = (request: HttpRequest, name: string) => Reply | Promise<Reply>;

class RegistryApi {
  readonly #registry: Registry;
  readonly #outside: OutsideInstances;
  readonly #draining: AbortSignal;
  readonly #time: ServiceContext["reactor"];
  /** By path, whose last group is a name, then by method. */
  readonly #routes: readonly (readonly [RegExp, Readonly<Record<string, Method>>])[] = [
    [/^\/v1\/services$/, { GET: () => this.#services() }],
    [/^\/v1\/services\/([^/]+)$/, { GET: (_, name) => this.#service(name) }],
    [/^\/v1\/watch$/, { GET: (request) => this.#watch(request) }],
    [/^\/v1\/instances\/([^/]+)$/, {
      GET: (_, id) => this.#instance(id),
      PUT: (request, id) => this.#put(request, id),
      DELETE: (_, id) => this.#delete(id),
    }],
    [/^\/v1\/instances\/([^/]+)\/renew$/, { POST: (_, id) => this.#renew(id) }],
  ];

  constructor(
    registry: Registry,
    outside: OutsideInstances,
    draining: AbortSignal,
    time: ServiceContext["reactor"],
  ) {
    this.#registry = registry;
    this.#outside = outside;
    this.#draining = draining;
    this.#time = time;
  }

  handle(request: HttpRequest): Reply | Promise<Reply> {
    for (const [path, methods] of this.#routes) {
      const match = path.exec(request.pathname);
      if (match === null) continue;
      const method = methods[request.method];
      if (method !== undefined) return method(request, decode(match[1] ?? ""));
      const allow = Object.keys(methods).join(", ");
      throw new HttpError(405, `Use ${allow}`, { headers: { allow } });
    }
    throw new HttpError(404, "There are /v1/services, /v1/services/NAME, /v1/instances/ID and /v1/watch");
  }

  /** All that is registered. */
  #services(): Reply {
    return this.#reply({ instances: this.#registry.list() });
  }

  #service(name: string): Reply {
    if (!isServiceName(name)) throw new HttpError(400, "A service is named by a DNS label in lower case");
    return this.#reply({ instances: this.#registry.list(name) });
  }

  #instance(id: string): Reply {
    const instance = this.#registry.list().find((each) => each.id === id);
    if (instance === undefined) throw new HttpError(404, `There is no instance "${id}"`);
    return withTag(instance, 200);
  }

  #watch(request: HttpRequest): Reply {
    const query = new URLSearchParams(request.search);
    const service = query.get("service");
    if (service !== null && !isServiceName(service)) {
      throw new HttpError(400, "A service is named by a DNS label in lower case");
    }
    const after = readRevision(request.header("last-event-id") ?? query.get("after"), "after");
    const watch = this.#registry.watch({
      ...(service !== null && { service }),
      ...(after !== null && { after }),
      signal: this.#draining,
    });
    return eventStream(events(watch), { time: this.#time });
  }

  async #put(request: HttpRequest, id: string): Promise<Reply> {
    const ifModified = readRevision(
      request.header("if-match")?.replace(/^"(.*)"$/, "$1") ?? null,
      "if-match",
    );
    const wanted = await readRegistrationBody(request, id);
    const { instance, isNew } = await this.#outside.put(wanted, ifModified);
    return withTag(instance, isNew ? 201 : 200);
  }

  #renew(id: string): Reply {
    this.#outside.renew(id);
    return new Reply(null, { status: 204 });
  }

  async #delete(id: string): Promise<Reply> {
    await this.#outside.delete(id);
    return new Reply(null, { status: 204 });
  }

  #reply(value: object): Reply {
    const { revision, stale } = this.#registry;
    return Reply.json({ revision, stale, ...value });
  }
}

/** An instance, whose revision is its entity tag. */
function withTag(instance: RegistryInstance, status: number): Reply {
  return Reply.json(instance, { status, headers: { etag: `"${instance.modified}"` } });
}

/** A watch as events: their type is the kind, their id the revision. */
function events(watch: ReturnType<Registry["watch"]>): AsyncIterable<ServerSentEvent> {
  return {
    [Symbol.asyncIterator]() {
      const changes = watch[Symbol.asyncIterator]();
      return {
        async next() {
          const { done, value } = await changes.next();
          if (done === true) return { done, value: undefined };
          const { kind, revision, ...rest } = value;
          const data = JSON.stringify({ revision, ...rest });
          return { done: false, value: { event: kind, id: String(revision), data } };
        },
        async return() {
          await changes.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function readRevision(text: string | null, name: string): number | null {
  if (text === null) return null;
  if (!/^\d{1,15}$/.test(text)) throw new HttpError(400, `${name} must be a revision, as in 17`);
  return Number(text);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, "The path is not percent-encoded UTF-8");
  }
}
