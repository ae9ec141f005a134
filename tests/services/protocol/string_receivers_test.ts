import fc from "fast-check";
import {
  Int16StringReceiver,
  Int32StringReceiver,
  Int8StringReceiver,
} from "../../../services/protocol/int_string_receiver.ts";
import { NetstringReceiver } from "../../../services/protocol/netstring_receiver.ts";
import type { StringReceiver } from "../../../services/protocol/string_receiver.ts";
import { StringTransport } from "../../../services/testing/string_transport.ts";
import { assertEquals, assertStrictEquals, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { inChunks, joined } from "./chunks.ts";

const received: string[] = [];
const receive = (string: Uint8Array): void => void received.push(new TextDecoder("latin1").decode(string));

class Netstrings extends NetstringReceiver {
  override stringReceived = receive;
}
class Int8Strings extends Int8StringReceiver {
  override stringReceived = receive;
}
class Int16Strings extends Int16StringReceiver {
  override stringReceived = receive;
}
class Int32Strings extends Int32StringReceiver {
  override stringReceived = receive;
}

const receivers = { Netstrings, Int8Strings, Int16Strings, Int32Strings };

/** What `make()` understands of `chunks`, and why the connection ended, if it did. */
function run(
  protocol: StringReceiver,
  chunks: Iterable<Uint8Array | string>,
): [string[], string | undefined] {
  received.length = 0;
  const transport = StringTransport.connect(protocol);
  for (const chunk of chunks) transport.receive(chunk);
  return [[...received], transport.lostReason?.message];
}

for (const [name, Receiver] of Object.entries(receivers)) {
  Deno.test(`${name}: what sendString sent is received, however it is split`, () => {
    const strings = fc.array(fc.uint8Array({ maxLength: 255 }), { maxLength: 8 });
    const sent = strings.map((list) => {
      const sender = new Receiver();
      const transport = StringTransport.connect(sender);
      for (const string of list) sender.sendString(string);
      return { list, bytes: transport.value() };
    });
    checkProperty(fc.property(
      sent.chain(({ list, bytes }) =>
        fc.record({
          list: fc.constant(list),
          chunks: inChunks(fc.constant(bytes)),
        })
      ),
      ({ list, chunks }) => {
        const expected = list.map((string) => new TextDecoder("latin1").decode(string));
        assertEquals(run(new Receiver(), chunks), [expected, undefined]);
      },
    ));
  });
}

/** A netstring parser that has all the bytes: the strings before the first fault, and whether there is one. */
function wholeNetstrings(text: string): { strings: string[]; malformed: boolean } {
  const strings: string[] = [];
  while (text !== "") {
    const header = /^(0|[1-9]\d{0,14}):/.exec(text);
    if (header === null) return { strings, malformed: !/^(0|[1-9]\d{0,14})$/.test(text) };
    if (Number(header[1]) > new Netstrings().maxLength) return { strings, malformed: true };
    const end = header[0].length + Number(header[1]);
    if (text.length <= end) return { strings, malformed: false };
    if (text[end] !== ",") return { strings, malformed: true };
    strings.push(text.slice(header[0].length, end));
    text = text.slice(end + 1);
  }
  return { strings, malformed: false };
}

Deno.test("NetstringReceiver agrees with a parser that has all the bytes", () => {
  const part = fc.constantFrom(
    "0:,",
    "1:a,",
    "3:abc,",
    "2:1:,",
    "10:0123456789,",
    ",",
    ":",
    "0",
    "1",
    "3",
    "a",
    "01:a,",
  );
  const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));
  checkProperty(fc.property(inChunks(text.map((all) => new TextEncoder().encode(all))), (chunks) => {
    const { strings, malformed } = wholeNetstrings(new TextDecoder().decode(joined(chunks)));
    const [actual, reason] = run(new Netstrings(), chunks);
    assertEquals([actual, reason !== undefined], [strings, malformed]);
  }));
});

Deno.test("NetstringReceiver names what is wrong with a netstring", () => {
  const notALength = "Netstring does not begin with its length and a colon";
  for (const bad of ["x", ":", "-1:", "+1:a,", "01:a,", "00:,", "1 :a,", "99999999999999999999:"]) {
    assertEquals(run(new Netstrings(), [bad]), [[], notALength]);
  }
  assertEquals(run(new Netstrings(), ["1:a,3:abcd"]), [["a"], `String of 3 bytes is not followed by ","`]);
});

Deno.test("string receivers refuse a string as soon as its length is known to be over maxLength", () => {
  assertEquals(run(new Netstrings(), ["100000:"]), [[], "String of 100000 bytes is longer than 99999 bytes"]);
  const prefix = Uint8Array.of(0xff, 0xff, 0xff, 0xff);
  assertEquals(run(new Int32Strings(), [prefix]), [
    [],
    "String of 4294967295 bytes is longer than 99999 bytes",
  ]);
  const small = new Int8Strings();
  small.maxLength = 2;
  assertEquals(run(small, [Uint8Array.of(2, 65, 65, 3)]), [
    ["AA"],
    "String of 3 bytes is longer than 2 bytes",
  ]);
});

Deno.test("string receivers skip a string that lengthLimitExceeded tolerates", () => {
  class Tolerant extends Netstrings {
    override maxLength = 3;
    override lengthLimitExceeded(length: number): void {
      received.push(`<${length}>`);
    }
  }
  checkProperty(fc.property(inChunks(fc.constant(new TextEncoder().encode("1:a,5:bbbbb,0:,"))), (chunks) => {
    assertEquals(run(new Tolerant(), chunks), [["a", "<5>", ""], undefined]);
  }));
});

Deno.test("string receivers deliver nothing while paused", () => {
  const protocol = new Netstrings();
  protocol.stringReceived = (string) => {
    receive(string);
    protocol.pauseProducing();
  };
  assertEquals(run(protocol, ["1:a,1:b,"]), [["a"], undefined]);
  protocol.resumeProducing();
  assertEquals(received, ["a", "b"]);
});

Deno.test("IntNStringReceiver writes its prefix in network byte order and refuses what does not fit it", () => {
  const sent = (protocol: StringReceiver, string: Uint8Array | string): number[] => {
    const transport = StringTransport.connect(protocol);
    protocol.sendString(string);
    return [...transport.value().subarray(0, 5)];
  };
  assertEquals(sent(new Int8Strings(), "ä"), [2, 0xc3, 0xa4]);
  assertEquals(sent(new Int16Strings(), new Uint8Array(0x102)), [1, 2, 0, 0, 0]);
  assertEquals(sent(new Int32Strings(), new Uint8Array(0x10203)), [0, 1, 2, 3, 0]);
  assertThrows(() => sent(new Int8Strings(), new Uint8Array(256)), RangeError, "8-bit prefix allows for 255");
  assertStrictEquals(sent(new Int16Strings(), new Uint8Array(65_535)).length, 5);
});
