import { Protocol } from "../../../services/protocol/protocol.ts";
import {
  ConnectionAborted,
  type ConnectionClosed,
  ConnectionLost,
} from "../../../services/reactor/errors.ts";
import type { Producer } from "../../../services/reactor/transport.ts";
import { StringTransport } from "../../../services/testing/string_transport.ts";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "../../assert.ts";

class Recorder extends Protocol {
  readonly events: string[] = [];
  onData: (text: string) => void = () => {};
  override connectionMade(): void {
    this.events.push("made");
  }
  override dataReceived(data: Uint8Array): void {
    const text = new TextDecoder().decode(data);
    this.events.push(`data ${text}`);
    this.onData(text);
    this.events.push("end of data");
  }
  override connectionLost(reason: ConnectionClosed): void {
    this.events.push(`lost ${reason.name}`);
  }
}

const idleProducer: Producer = { pauseProducing() {}, resumeProducing() {}, stopProducing() {} };

Deno.test("StringTransport keeps what is written, as a copy, until it is cleared", () => {
  const transport = new StringTransport();
  const chunk = new Uint8Array([104, 105]);
  transport.write(chunk);
  chunk.fill(0);
  transport.writeSequence([new Uint8Array([33])]);
  assertEquals(transport.text(), "hi!");
  assertEquals(transport.bytesWritten, 3);
  transport.clear();
  assertEquals(transport.value(), new Uint8Array());
});

Deno.test("StringTransport.receive holds what arrives while the protocol has paused it", () => {
  const protocol = new Recorder();
  const transport = StringTransport.connect(protocol);
  protocol.onData = () => transport.pauseProducing();
  transport.receive("a");
  transport.receive("b");
  assertEquals(protocol.events, ["made", "data a", "end of data"]);
  transport.resumeProducing();
  assertEquals(protocol.events.slice(3), ["data b", "end of data"]);
  assertEquals(transport.pauses, 2);
});

Deno.test("StringTransport tells of the end once, last, and never inside another callback", () => {
  const protocol = new Recorder();
  const transport = StringTransport.connect(protocol);
  protocol.onData = () => {
    transport.loseConnection();
    assertEquals(transport.state, "closing");
    transport.write(new Uint8Array([1]));
    transport.abortConnection();
  };
  transport.receive("x");
  transport.receive("y");
  transport.lose(new ConnectionLost());
  assertEquals(protocol.events, ["made", "data x", "end of data", "lost ConnectionDone"]);
  assertEquals(transport.value().length, 0);
  assertEquals(transport.state, "closed");
});

Deno.test("StringTransport gives the reason of an abort to whoever asks", () => {
  const transport = new StringTransport();
  transport.abortConnection("Too much");
  assertInstanceOf(transport.lostReason, ConnectionAborted);
  assertStrictEquals(transport.lostReason?.message, "Too much");
});

Deno.test("StringTransport lets a registered producer finish before loseConnection takes effect", () => {
  const transport = StringTransport.connect(new Recorder());
  transport.registerProducer(idleProducer);
  assertThrows(() => transport.registerProducer(idleProducer), Error, "another one is registered");
  transport.loseConnection();
  assertEquals([transport.state, transport.disconnecting], ["closing", true]);
  transport.write(new Uint8Array([65]));
  transport.unregisterProducer();
  assertEquals([transport.state, transport.text()], ["closed", "A"]);
});

Deno.test("StringTransport spoils the chunk that a borrowing protocol has kept", () => {
  class Keeper extends Protocol {
    override readonly borrowsData = true;
    kept = new Uint8Array();
    override dataReceived(data: Uint8Array): void {
      this.kept = data as Uint8Array<ArrayBuffer>;
      this.transport.write(data);
    }
  }
  const keeper = new Keeper();
  const transport = StringTransport.connect(keeper);
  transport.receive("keep");
  assertEquals(transport.text(), "keep");
  assertEquals(keeper.kept, new Uint8Array([0xdd, 0xdd, 0xdd, 0xdd]));
});
