import fc from "fast-check";
import { LineReceiver } from "../../../services/protocol/line_receiver.ts";
import { TextLineReceiver } from "../../../services/protocol/text_line_receiver.ts";
import { StringTransport } from "../../../services/testing/string_transport.ts";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { inChunks } from "./chunks.ts";

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

class Lines extends LineReceiver {
  readonly lines: string[] = [];
  readonly raw: string[] = [];
  readonly exceeded: string[] = [];
  onLine: (line: string) => void = () => {};
  onRaw: (data: Uint8Array) => void = () => {};

  override lineReceived(line: Uint8Array): void {
    this.lines.push(decode(line));
    this.onLine(decode(line));
  }
  override rawDataReceived(data: Uint8Array): void {
    this.raw.push(decode(data));
    this.onRaw(data);
  }
}

class SkippingLines extends Lines {
  override lineLengthExceeded(start: Uint8Array): void {
    this.exceeded.push(decode(start));
  }
}

function connected<P extends Lines>(protocol: P): [P, StringTransport] {
  return [protocol, StringTransport.connect(protocol)];
}

Deno.test("LineReceiver gives the same lines however the bytes are split", () => {
  const anyDelimiter = fc.constantFrom("\r\n", "\n", "ab", "aab", "::");
  const text = fc.array(fc.constantFrom("a", "b", "\r", "\n", ":", "x", "aab", "\r\n"), { maxLength: 60 });
  const run = anyDelimiter.chain((delimiter) =>
    inChunks(text.map((parts) => new TextEncoder().encode(parts.join("")))).map((chunks) => ({
      delimiter,
      chunks,
    }))
  );
  checkProperty(fc.property(run, ({ delimiter, chunks }) => {
    class Custom extends Lines {
      override readonly delimiter = delimiter;
    }
    const [protocol, transport] = connected(new Custom());
    for (const chunk of chunks) transport.receive(chunk);
    const whole = chunks.map(decode).join("");
    assertEquals(protocol.lines, whole.split(delimiter).slice(0, -1));
  }));
});

Deno.test("LineReceiver keeps its lines when the chunks were only lent", () => {
  class Borrower extends Lines {
    override readonly borrowsData = true;
  }
  checkProperty(
    fc.property(inChunks(fc.constant(new TextEncoder().encode("one\r\ntwo\r\nthree\r\n"))), (chunks) => {
      const [protocol, transport] = connected(new Borrower());
      for (const chunk of chunks) transport.receive(chunk);
      assertEquals(protocol.lines, ["one", "two", "three"]);
    }),
  );
});

Deno.test("LineReceiver never writes to a line that it has delivered", () => {
  const kept: Uint8Array[] = [];
  class Keeper extends LineReceiver {
    override lineReceived(line: Uint8Array): void {
      kept.push(line);
    }
  }
  const transport = StringTransport.connect(new Keeper());
  for (const letter of "first\r\nsecond\r\nthird\r\n") transport.receive(letter);
  transport.receive("fou");
  transport.receive("rth\r\nfif");
  transport.receive("th\r\n");
  assertEquals(kept.map(decode), ["first", "second", "third", "fourth", "fifth"]);
});

Deno.test("LineReceiver takes a line of maxLength and aborts over one byte more, with the reason", () => {
  const longest = "x".repeat(16_384);
  for (const pieces of [[`${longest}\r\n`], [longest, "\r", "\n"]]) {
    const [protocol, transport] = connected(new Lines());
    for (const piece of pieces) transport.receive(piece);
    assertEquals(protocol.lines, [longest]);
  }
  for (const pieces of [[`${longest}x\r\n`], [longest, "x", "\r"], [longest + longest]]) {
    const [protocol, transport] = connected(new Lines());
    for (const piece of pieces) transport.receive(piece);
    assertEquals(protocol.lines, []);
    assertStrictEquals(transport.lostReason?.message, "Line is longer than 16384 bytes");
  }
});

Deno.test("LineReceiver skips the rest of an over-long line that lineLengthExceeded tolerates", () => {
  const bytes = new TextEncoder().encode("short\r\n0123456789 too \rlong\r\nlast\r\n");
  checkProperty(fc.property(inChunks(fc.constant(bytes)), (chunks) => {
    const [protocol, transport] = connected(new SkippingLines());
    protocol.maxLength = 5;
    for (const chunk of chunks) transport.receive(chunk);
    assertEquals([protocol.lines, protocol.exceeded], [["short", "last"], ["01234"]]);
  }));
});

Deno.test("LineReceiver delivers nothing while paused, and the rest when resumed", () => {
  const [protocol, transport] = connected(new Lines());
  protocol.onLine = (line) => line === "b" && protocol.pauseProducing();
  transport.receive("a\r\nb\r\nc\r\nd");
  transport.receive("e\r\n");
  assertEquals([protocol.lines, protocol.paused], [["a", "b"], true]);
  protocol.resumeProducing();
  assertEquals(protocol.lines, ["a", "b", "c", "de"]);
  assertStrictEquals(transport.producerState, "producing");
});

Deno.test("LineReceiver stays paused when a line that was held back pauses again", () => {
  const [protocol, transport] = connected(new Lines());
  protocol.onLine = () => protocol.pauseProducing();
  transport.receive("a\r\nb\r\n");
  protocol.resumeProducing();
  assertEquals([protocol.lines, transport.producerState], [["a", "b"], "paused"]);
});

Deno.test("LineReceiver delivers one line at a time when a line resumes within itself", () => {
  const [protocol, transport] = connected(new Lines());
  const order: string[] = [];
  protocol.onLine = (line) => {
    order.push(`begin ${line}`);
    protocol.pauseProducing();
    protocol.resumeProducing();
    order.push(`end ${line}`);
  };
  transport.receive("a\r\nb\r\n");
  assertEquals(order, ["begin a", "end a", "begin b", "end b"]);
});

Deno.test("LineReceiver delivers no line after loseConnection or abortConnection", () => {
  for (const end of ["loseConnection", "abortConnection"] as const) {
    const [protocol, transport] = connected(new Lines());
    protocol.onLine = () => transport[end]();
    transport.receive("a\r\nb\r\n");
    assertEquals(protocol.lines, ["a"]);
  }
});

Deno.test("LineReceiver switches to raw bytes in the middle of a chunk, and back", () => {
  const bytes = new TextEncoder().encode("DATA\r\n12345after\r\nDATA\r\nabcdelast\r\n");
  checkProperty(fc.property(inChunks(fc.constant(bytes)), (chunks) => {
    const [protocol, transport] = connected(new Lines());
    let missing = 0;
    protocol.onLine = (line) => {
      if (line !== "DATA") return;
      missing = 5;
      protocol.setRawMode();
    };
    protocol.onRaw = (data) => {
      protocol.raw.push(decode(data.subarray(0, missing)));
      const extra = data.subarray(missing);
      missing -= Math.min(missing, data.length);
      if (missing === 0) protocol.setLineMode(extra);
    };
    for (const chunk of chunks) transport.receive(chunk);
    assertEquals(protocol.lines, ["DATA", "after", "DATA", "last"]);
  }));
});

Deno.test("LineReceiver says what to do when raw data has no receiver", () => {
  class Forgetful extends LineReceiver {
    override lineReceived(): void {
      this.setRawMode();
    }
  }
  const transport = StringTransport.connect(new Forgetful());
  assertThrows(() => transport.receive("a\r\nb"), Error, "override rawDataReceived");
});

Deno.test("LineReceiver.clearLineBuffer throws away lines that were pipelined before a handshake", () => {
  const [protocol, transport] = connected(new Lines());
  protocol.onLine = (line) => line === "STARTTLS" && protocol.clearLineBuffer();
  transport.receive("STARTTLS\r\nRCPT TO:<injected@example.org>\r\nRSE");
  transport.receive("EHLO\r\n");
  assertEquals(protocol.lines, ["STARTTLS", "EHLO"]);
});

Deno.test("LineReceiver refuses an empty delimiter", () => {
  class Endless extends Lines {
    override readonly delimiter = "";
  }
  const transport = StringTransport.connect(new Endless());
  assertThrows(() => transport.receive("x"), Error, "delimiter must not be empty");
});

Deno.test("LineReceiver looks at each byte of a slowly growing line once", () => {
  const [protocol, transport] = connected(new Lines());
  protocol.maxLength = 1_000_000;
  const start = performance.now();
  for (let i = 0; i < 100_000; i++) transport.receive("\r");
  // Quadratic work takes many seconds here; the bound is far above what linear work takes.
  // A quadratic receiver takes minutes for this.
  assert(performance.now() - start < 60_000);
});

Deno.test("LineReceiver.sendLine sends bytes or text, and the delimiter", () => {
  const [protocol, transport] = connected(new Lines());
  protocol.sendLine("Grüße");
  protocol.sendLine(Uint8Array.of(0x41));
  assertStrictEquals(transport.text(), "Grüße\r\nA\r\n");
});

Deno.test("TextLineReceiver takes LF and CRLF, keeps other carriage returns, and sends CRLF", () => {
  class Text extends TextLineReceiver {
    readonly lines: string[] = [];
    override textReceived(line: string): void {
      this.lines.push(line);
      this.sendLine(line);
    }
  }
  const protocol = new Text();
  const transport = StringTransport.connect(protocol);
  transport.receive("one\ntwo\r\n\r\nthr\ree\r\r\n\uFEFFdrei ü\n");
  transport.receive(Uint8Array.of(0xff, 0x0a));
  assertEquals(protocol.lines, ["one", "two", "", "thr\ree\r", "\uFEFFdrei ü", "\uFFFD"]);
  assert(transport.text().startsWith("one\r\ntwo\r\n\r\n"));
});
