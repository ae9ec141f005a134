import {
  type ApplicationSpec,
  type GiveUp,
  type GroupSpec,
  SERVICE_DEFAULTS,
  type ServiceSpec,
  SIGNIFICANT_GIVE_UP,
  type Strategy,
  UNIT_DEFAULTS,
  type UnitSpec,
} from "./application_spec.ts";
import type { Service } from "./service.ts";

/** How a service or group is supervised; what is left out has the default of {@linkcode UnitSpec}. */
export type UnitOptions = Partial<Omit<UnitSpec, "name">>;

/** How a service is supervised; what is left out has the default of {@linkcode ServiceSpec}. */
export type ServiceOptions =
  & UnitOptions
  & Partial<
    Pick<
      ServiceSpec,
      | "singleton"
      | "startTimeout"
      | "stopTimeout"
      | "needsGrace"
      | "holdFor"
      | "healthInterval"
      | "replace"
      | "grants"
    >
  >;

/** How a group supervises its children, and is itself supervised. */
export type GroupOptions = UnitOptions & {
  /** Default `one-for-one`. */
  readonly strategy?: Strategy;
};

/**
 * Services that are supervised together, by one strategy. Part of an {@linkcode Application}, which is the
 * outermost one.
 */
export class ServiceGroup {
  readonly #children: (ServiceSpec | ServiceGroup)[] = [];
  readonly #names = new Set<string>();
  readonly #path: string;
  readonly #name: string;
  readonly #options: GroupOptions;

  /** Made by `addGroup`. */
  constructor(path: string, name: string, options: GroupOptions) {
    this.#path = path;
    this.#name = name;
    this.#options = options;
  }

  /**
   * Add a service. `makeService` is called for every start, so that each begins with fresh state. `after` and
   * `needs` are absolute paths, joined by dots.
   * @throws {Error} when the name is taken, or is no key (letters, digits, `-` and `_`)
   */
  addService(
    name: string,
    makeService: () => Service | Promise<Service>,
    options: ServiceOptions = {},
  ): this {
    this.#claim(name);
    this.#children.push({
      ...UNIT_DEFAULTS,
      ...SERVICE_DEFAULTS,
      giveUp: defaultGiveUp(options),
      ...options,
      kind: "service",
      name,
      makeService,
      fingerprint: "",
      options: undefined,
    });
    return this;
  }

  /**
   * Add a group with a strategy of its own, and return it.
   * @throws {Error} when the name is taken, or is no key
   */
  addGroup(name: string, options: GroupOptions = {}): ServiceGroup {
    this.#claim(name);
    const group = new ServiceGroup(`${this.#path}${name}.`, name, options);
    this.#children.push(group);
    return group;
  }

  /** The group as the supervisor takes it. */
  toSpec(): GroupSpec {
    return {
      ...UNIT_DEFAULTS,
      giveUp: defaultGiveUp(this.#options),
      strategy: "one-for-one",
      ...this.#options,
      kind: "group",
      name: this.#name,
      children: this.#children.map((child) => child instanceof ServiceGroup ? child.toSpec() : child),
    };
  }

  #claim(name: string): void {
    if (!/^[A-Za-z0-9_-]+$/.test(name)) {
      throw new Error(`Cannot add service "${name}": a name consists of letters, digits, "-" and "_"`);
    }
    if (this.#names.has(name)) {
      throw new Error(`Cannot add service "${this.#path}${name}": there is one of that name`);
    }
    this.#names.add(name);
  }
}

function defaultGiveUp(options: UnitOptions): GiveUp | null {
  return options.significant === true ? SIGNIFICANT_GIVE_UP : null;
}

/**
 * An application in code: what an application file says in YAML. Give it to `run`.
 *
 * @example
 * ```ts no-run
 * import { Application, Protocol, run } from "@heddle/heddle";
 *
 * const application = new Application("demo");
 * application.addService("silence", () => ({
 *   start: (ctx) => ctx.reactor.listen("tcp:127.0.0.1:7009", () => new Protocol()),
 * }));
 * await run(application);
 * ```
 */
export class Application extends ServiceGroup {
  /** The name by which the application is known. */
  readonly name: string;

  /** An application without services, supervised by `strategy` (default `one-for-one`). */
  constructor(name: string, options: { readonly strategy?: Strategy } = {}) {
    super("", "", options);
    this.name = name;
  }

  /** The application as the supervisor takes it. */
  toApplicationSpec(): ApplicationSpec {
    return { name: this.name, root: this.toSpec() };
  }
}
