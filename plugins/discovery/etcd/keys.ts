/** Where things are in etcd: all under one prefix. */
export class Keys {
  /** What all keys begin with. */
  readonly prefix: string;
  readonly #instances: string;
  readonly #elections: string;

  /** `prefix` without "/" at its end. */
  constructor(prefix: string) {
    this.prefix = `${prefix}/`;
    this.#instances = `${prefix}/instances/`;
    this.#elections = `${prefix}/elections/`;
  }

  /** The key of the instance `id`. */
  instance(id: string): string {
    return this.#instances + id;
  }

  /** The key that the leader in `name` holds. */
  election(name: string): string {
    return this.#elections + name;
  }

  /** The id of the instance at `key`; null when it is another kind of key. */
  instanceOf(key: string): string | null {
    return key.startsWith(this.#instances) ? key.slice(this.#instances.length) : null;
  }

  /** The name of the election at `key`; null when it is another kind of key. */
  electionOf(key: string): string | null {
    return key.startsWith(this.#elections) ? key.slice(this.#elections.length) : null;
  }
}
