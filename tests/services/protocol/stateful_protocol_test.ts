import fc from "fast-check";
import { type ReceiveState, StatefulProtocol } from "../../../services/protocol/stateful_protocol.ts";
import { StringTransport } from "../../../services/testing/string_transport.ts";
import { assertEquals, assertStrictEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { inChunks } from "./chunks.ts";

/** A count, then so many letters; after a count of 0, single letters for ever. */
class Words extends StatefulProtocol {
  readonly words: string[] = [];
  readonly #count: ReceiveState = { length: 1, receive: ([count]) => this.#word(count!) };
  readonly #letter: ReceiveState = { length: 1, receive: (bytes) => this.#keep(bytes, null) };

  override getInitialState(): ReceiveState {
    return this.#count;
  }
  #word(length: number): ReceiveState {
    return { length, receive: (bytes) => this.#keep(bytes, length === 0 ? this.#letter : this.#count) };
  }
  #keep(bytes: Uint8Array, next: ReceiveState | null): ReceiveState | null {
    this.words.push(new TextDecoder().decode(bytes));
    return next;
  }
}

Deno.test("StatefulProtocol calls each state with its bytes, however they are split", () => {
  const bytes = new TextEncoder().encode("\x02hi\x05there\x00xyz");
  checkProperty(fc.property(inChunks(fc.constant(bytes)), (chunks) => {
    const words = new Words();
    const transport = StringTransport.connect(words);
    for (const chunk of chunks) transport.receive(chunk);
    assertEquals(words.words, ["hi", "there", "", "x", "y", "z"]);
  }));
});

Deno.test("StatefulProtocol aborts when a state needs more than maxLength", () => {
  const words = new Words();
  words.maxLength = 4;
  const transport = StringTransport.connect(words);
  transport.receive("\x02hi\x05");
  assertEquals(words.words, ["hi"]);
  assertStrictEquals(transport.lostReason?.message, "Message of 5 bytes is longer than 4 bytes");
});
