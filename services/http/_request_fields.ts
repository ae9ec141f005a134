import { FieldIndex } from "./_field_index.ts";
import type { RequestHead } from "./request_head.ts";

/** Looks header fields up in the text of a head. */
export class RequestFields {
  readonly #head: RequestHead;
  #index: FieldIndex;

  /** `index` is used as long as it is that of `head`. */
  constructor(head: RequestHead, index: FieldIndex) {
    this.#head = head;
    this.#index = index;
  }

  /** A field's value; those of several lines joined. `name` in lower case. */
  get(name: string): string | null {
    const index = this.#current();
    const { text } = this.#head;
    const length = Math.min(name.length, 255);
    let joined: string | null = null;
    for (let field = 0; field < index.count; field++) {
      if (index.nameLength(field) !== length || !index.isNamed(field, name, text)) continue;
      const value = index.value(field, text);
      // Lists are joined by commas; RFC 9113, section 8.2.3 says what joins cookies.
      joined = joined === null ? value : joined + (name === "cookie" ? "; " : ", ") + value;
    }
    return joined;
  }

  /** All fields, in the order in which they came. */
  pairs(): [name: string, value: string][] {
    const index = this.#current();
    const { text } = this.#head;
    return Array.from(
      { length: index.count },
      (_, field) => [index.name(field, text), index.value(field, text)],
    );
  }

  #current(): FieldIndex {
    if (this.#index.head !== this.#head) this.#index = FieldIndex.of(this.#head);
    return this.#index;
  }
}
