import { CancelledError } from "../../../services/async/errors.ts";
import { ClientFactory } from "../../../services/protocol/client_factory.ts";
import { type ClientReactor, connectClient, type Connector } from "../../../services/protocol/connector.ts";
import { asFactory, type FactoryLike } from "../../../services/protocol/factory.ts";
import { factoryFor } from "../../../services/protocol/factory_for.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import { ConnectError, type ConnectionClosed } from "../../../services/reactor/errors.ts";
import { StringTransport } from "../../../services/testing/string_transport.ts";
import { assertEquals, assertStrictEquals, assertThrows } from "../../assert.ts";

/** Attempts that the test decides. */
class FakeReactor implements ClientReactor {
  readonly transports: StringTransport[] = [];
  outcome: "connect" | "connect, then fail" | "fail" | "hang" = "connect";

  connect<P extends Protocol>(
    _: unknown,
    factory: FactoryLike<P>,
    options?: { signal?: AbortSignal },
  ): Promise<P> {
    switch (this.outcome) {
      case "connect":
        return Promise.resolve(this.#made(factory));
      case "connect, then fail":
        this.#made(factory);
        return Promise.reject(new ConnectError("Cannot connect: too late"));
      case "fail":
        return Promise.reject(new ConnectError("Cannot connect: refused"));
      case "hang":
        return new Promise((_, reject) =>
          options?.signal?.addEventListener("abort", (event) => {
            reject((event.target as AbortSignal).reason);
          })
        );
    }
  }

  #made<P extends Protocol>(factory: FactoryLike<P>): P {
    const protocol = asFactory(factory).buildProtocol({ transport: "unix", path: "/run/x.sock" })!;
    this.transports.push(StringTransport.connect(protocol));
    return protocol;
  }
}

class Recorder extends ClientFactory {
  readonly events: string[] = [];
  retries = 0;
  override buildProtocol(): Protocol {
    const events = this.events;
    return new class extends Protocol {
      override connectionMade(): void {
        events.push("made");
      }
      override connectionLost(): void {
        events.push("protocol lost");
      }
    }();
  }
  override startedConnecting(connector: Connector): void {
    this.events.push(connector.state);
  }
  override clientConnectionFailed(connector: Connector, reason: unknown): void {
    this.events.push(`failed ${connector.state} ${reason instanceof Error ? reason.name : reason}`);
  }
  override clientConnectionLost(connector: Connector, reason: ConnectionClosed): void {
    this.events.push(`lost ${reason.name}`);
    if (this.retries-- > 0) connector.connect();
  }
}

/** Let promises settle. */
const settled = (): Promise<void> => new Promise((resolve) => queueMicrotask(() => queueMicrotask(resolve)));

Deno.test("Connector tells its factory of a connection and its end, and connects again when told to", async () => {
  const reactor = new FakeReactor();
  const factory = new Recorder();
  factory.retries = 1;
  const connector = connectClient(reactor, "unix:/run/x.sock", factory);
  await settled();
  assertStrictEquals(connector.state, "connected");
  assertThrows(() => connector.connect(), Error, "Cannot connect: the connector is connected already");
  reactor.transports[0]!.lose();
  await settled();
  connector.disconnect();
  assertStrictEquals(reactor.transports[1]!.disconnecting, true);
  const once = ["connecting", "made", "protocol lost", "lost ConnectionDone"];
  assertEquals(factory.events, [...once, ...once]);
  assertStrictEquals(connector.state, "disconnected");
});

Deno.test("Connector tells its factory of a failure, and of an attempt that was given up", async () => {
  const reactor = new FakeReactor();
  const factory = new Recorder();
  reactor.outcome = "fail";
  const connector = connectClient(reactor, "tcp:localhost:1", factory);
  await settled();
  reactor.outcome = "hang";
  connector.connect();
  connector.disconnect();
  await settled();
  assertEquals(factory.events, [
    "connecting",
    "failed disconnected ConnectError",
    "connecting",
    `failed disconnected ${CancelledError.name}`,
  ]);
  connector.disconnect();
});

Deno.test("Connector tells of no failure once the protocol was connected", async () => {
  const reactor = new FakeReactor();
  const factory = new Recorder();
  reactor.outcome = "connect, then fail";
  const connector = connectClient(reactor, "unix:/run/x.sock", factory);
  await settled();
  assertEquals([factory.events, connector.state], [["connecting", "made"], "connected"]);
});

Deno.test("factoryFor makes a protocol of its own for each connection, with the arguments given", () => {
  class Named extends Protocol {
    constructor(readonly name: string, readonly size: number) {
      super();
    }
  }
  const factory = factoryFor(Named, "quote", 2);
  const peer = { transport: "stdio" } as const;
  const [first, second] = [factory.buildProtocol(peer), factory.buildProtocol(peer)];
  assertEquals([first?.name, first?.size, first === second], ["quote", 2, false]);
});
