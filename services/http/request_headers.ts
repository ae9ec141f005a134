import { delegateSlots } from "./_platform_slots.ts";
import type { RequestFields } from "./_request_fields.ts";

/**
 * A request's `Headers`, made when they are first listed or changed; until then `get` and `has` look the
 * field up in the text of the head.
 */
export class RequestHeaders implements Headers {
  readonly #fields: RequestFields;
  #real: Headers | null = null;

  /** The fields of a head. */
  constructor(fields: RequestFields) {
    this.#fields = fields;
  }

  /** A real `Headers`, which follows every change. */
  get real(): Headers {
    return this.#real ??= new Headers(this.#fields.pairs());
  }

  /** See `Headers`. */
  get(name: string): string | null {
    return this.#real === null ? this.#fields.get(name.toLowerCase()) : this.#real.get(name);
  }

  /** See `Headers`. */
  has(name: string): boolean {
    return this.#real === null ? this.#fields.get(name.toLowerCase()) !== null : this.#real.has(name);
  }

  /** See `Headers`. */
  set(name: string, value: string): void {
    this.real.set(name, value);
  }

  /** See `Headers`. */
  append(name: string, value: string): void {
    this.real.append(name, value);
  }

  /** See `Headers`. */
  delete(name: string): void {
    this.real.delete(name);
  }

  /** See `Headers`: requests carry none. */
  getSetCookie(): string[] {
    return this.real.getSetCookie();
  }

  /** See `Headers`. */
  forEach(fn: (value: string, name: string, parent: this) => void, self?: unknown): void {
    this.real.forEach((value, name) => fn.call(self, value, name, this));
  }

  /** See `Headers`. */
  keys(): ReturnType<Headers["keys"]> {
    return this.real.keys();
  }

  /** See `Headers`. */
  values(): ReturnType<Headers["values"]> {
    return this.real.values();
  }

  /** See `Headers`. */
  entries(): ReturnType<Headers["entries"]> {
    return this.real.entries();
  }

  /** See `Headers`. */
  [Symbol.iterator](): ReturnType<Headers["entries"]> {
    return this.real.entries();
  }
}

delegateSlots(RequestHeaders.prototype, new Headers(), (headers) => headers.real);
