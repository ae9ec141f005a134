/**
 * A client of the server beside this file, who shows a certificate. Run it with
 *
 *     deno run --allow-net --allow-read examples/tls/client.ts certificates [PORT]
 */
import { type ConnectionClosed, DenoReactor, TextLineReceiver } from "@heddle/heddle";

class Client extends TextLineReceiver {
  readonly closed: PromiseWithResolvers<ConnectionClosed> = Promise.withResolvers();

  override connectionMade(): void {
    this.sendLine("Can nobody hear us?");
  }

  override textReceived(line: string): void {
    console.log(`${this.transport.tls?.peerName} said: ${line}`);
    this.transport.loseConnection();
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.closed.resolve(reason);
  }
}

const [folder = "certificates", number = "7443"] = Deno.args;
await using reactor = new DenoReactor({ log: console });
const client = await reactor.connect(
  `tls:localhost:${number}:authorities=${folder}/authority.pem` +
    `:certificate=${folder}/client.pem:privateKey=${folder}/client.key`,
  () => new Client(),
);
console.log((await client.closed.promise).message);
