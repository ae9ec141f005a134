/** A head of a request or a response. */
export interface FieldSection {
  /** All of it, one character an octet, to the empty line. */
  readonly text: string;
  /** Where the first field begins in `text`. */
  readonly fieldsAt: number;
}

/** A place is where a name begins, and in its lowest bits how long the name is. */
const LENGTH_BITS = 8;
const LENGTH_MASK = (1 << LENGTH_BITS) - 1;

/** Where the header fields of a head are in its text. */
export class FieldIndex {
  readonly #places: number[] = [];
  #count = 0;
  /** The head that it is an index of. */
  head: object | null = null;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
    this.head = null;
  }

  /** The next field's name begins at `start`. */
  add(start: number, length: number): void {
    this.#places[this.#count++] = (start << LENGTH_BITS) | Math.min(length, LENGTH_MASK);
  }

  /** How long a field's name is; all that are longer than 254 count as 255. */
  nameLength(field: number): number {
    return this.#places[field]! & LENGTH_MASK;
  }

  /** Whether a field of `text` has the name `name`, in lower case and of that field's `nameLength`. */
  isNamed(field: number, name: string, text: string): boolean {
    const start = this.#places[field]! >>> LENGTH_BITS;
    for (let i = 0; i < name.length; i++) {
      const code = text.charCodeAt(start + i);
      if ((code >= 0x41 && code <= 0x5a ? code | 0x20 : code) !== name.charCodeAt(i)) return false;
    }
    return text.charCodeAt(start + name.length) === 0x3a;
  }

  /** Where a field's line begins. */
  start(field: number): number {
    return this.#places[field]! >>> LENGTH_BITS;
  }

  name(field: number, text: string): string {
    const start = this.#places[field]! >>> LENGTH_BITS;
    return text.slice(start, text.indexOf(":", start));
  }

  /** A field's value, without the spaces around it. */
  value(field: number, text: string): string {
    let start = (this.#places[field]! >>> LENGTH_BITS) + this.nameLength(field);
    if (this.nameLength(field) === LENGTH_MASK) start = text.indexOf(":", start);
    let end = text.indexOf("\r", ++start);
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    return text.slice(start, end);
  }

  /** Whether a tab is among the spaces after a field's value. */
  hasTabBehind(field: number, text: string): boolean {
    let at = text.indexOf("\r", this.#places[field]! >>> LENGTH_BITS);
    while (text.charCodeAt(--at) === 0x20);
    return text.charCodeAt(at) === 0x09;
  }

  /** The index of a head whose connection has gone on to another one. */
  static of(head: FieldSection): FieldIndex {
    const { text, fieldsAt } = head;
    const index = new FieldIndex();
    for (let at = fieldsAt; text.charCodeAt(at) !== 0x0d; at = text.indexOf("\n", at) + 1) {
      index.add(at, text.indexOf(":", at) - at);
    }
    index.head = head;
    return index;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
