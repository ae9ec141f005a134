/**
 * Forwards every connection to another server. Run it with
 *
 *     deno run --allow-net examples/port_forwarder/main.ts TARGET [ENDPOINT]
 *
 * TARGET is where to connect, `tcp:example.org:80`; ENDPOINT where to listen, by default `tcp:127.0.0.1:7080`.
 * Neither side can flood the memory: a side that is full pauses the reading of the other one.
 */
import {
  type ConnectionClosed,
  DenoReactor,
  formatAddress,
  parseClientEndpoint,
  Protocol,
} from "@heddle/heddle";

/** One of two connections; what arrives here is sent there. */
class Side extends Protocol {
  #there: Side | null = null;

  /** Join two open connections. */
  static join(one: Side, other: Side): void {
    one.#sendTo(other);
    other.#sendTo(one);
  }

  #sendTo(there: Side): void {
    this.#there = there;
    there.transport.registerProducer({
      pauseProducing: () => this.transport.pauseProducing(),
      resumeProducing: () => this.transport.resumeProducing(),
      stopProducing: () => this.transport.loseConnection(),
    });
  }

  override dataReceived(data: Uint8Array): void {
    this.#there?.transport.write(data);
  }

  /** This peer has said all it has to say; the other may still answer. */
  override readConnectionLost(): void {
    this.#there?.transport.unregisterProducer();
    this.#there?.transport.loseWriteConnection();
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.#there?.transport.unregisterProducer();
    if (reason.clean) this.#there?.transport.loseConnection();
    else this.#there?.transport.abortConnection("The other side was lost");
  }
}

/** Whoever connects to us: read only once there is somebody to hand it to. */
class Client extends Side {
  override connectionMade(): void {
    this.transport.pauseProducing();
    void this.#forward();
  }

  async #forward(): Promise<void> {
    try {
      const server = await reactor.connect(target, () => new Side());
      Side.join(this, server);
      this.transport.resumeProducing();
    } catch (error) {
      console.error(error);
      this.transport.abortConnection("The target cannot be reached");
    }
  }
}

const target = parseClientEndpoint(Deno.args[0] ?? "");
const endpoint = Deno.args[1] ?? "tcp:127.0.0.1:7080";
const reactor = new DenoReactor({ log: console });
const port = await reactor.listen(endpoint, () => new Client());
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
