import type { Protocol } from "../../protocol/protocol.ts";
import { FieldIndex } from "../_field_index.ts";
import type { ResponseBody } from "./_response_body.ts";
import type { ResponseHead } from "./response_head.ts";

/** A response as it came: nothing is decoded, followed or added. */
export class ClientResponse {
  /** What it says before its body. */
  readonly head: ResponseHead;
  /** What follows, which must be read to its end, or left by `return`: until then it holds the connection. */
  readonly body: AsyncIterableIterator<Uint8Array>;
  readonly #body: ResponseBody;
  readonly #become: (protocol: Protocol) => void;
  #index: FieldIndex;

  /** Made by the client. `index` is used as long as it is that of `head`. */
  constructor(
    head: ResponseHead,
    index: FieldIndex,
    body: ResponseBody,
    become: (protocol: Protocol) => void,
  ) {
    this.head = head;
    this.#index = index;
    this.body = this.#body = body;
    this.#become = become;
  }

  /** 101, or 200 to 599. */
  get status(): number {
    return this.head.status;
  }

  /** All of the body, if it has come already and is no more than `most` bytes; then it is taken. Else null. */
  takeWhole(most: number): Uint8Array | null {
    return this.#body.takeWhole(most);
  }

  /** A field's value; lines of the same name are joined by commas. `name` in lower case. Null when absent. */
  header(name: string): string | null {
    const values = this.fields().filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
    return values.length === 0 ? null : values.join(", ");
  }

  /** All fields, in the order in which they came. */
  fields(): [name: string, value: string][] {
    const { index } = this;
    const { text } = this.head;
    return Array.from(
      { length: index.count },
      (_, field) => [index.name(field, text), index.value(field, text)],
    );
  }

  /**
   * Where the fields are in the head's text.
   * @internal
   */
  get index(): FieldIndex {
    if (this.#index.head !== this.head) this.#index = FieldIndex.of(this.head);
    return this.#index;
  }

  /** After a 101: hand the connection to `protocol`, with what has come since. Chunks are lent to it. */
  become(protocol: Protocol): void {
    this.#become(protocol);
  }
}
