/**
 * Echo over TLS, for clients that show a certificate of our own authority. Make certificates first, then run
 * it with
 *
 *     mkdir certificates && sh examples/tls/certificates.sh certificates
 *     deno run --allow-net --allow-read examples/tls/server.ts certificates [PORT]
 *
 * and talk to it with the client beside this file, or with
 * `openssl s_client -connect localhost:7443 -CAfile certificates/authority.pem -cert certificates/client.pem
 * -key certificates/client.key`.
 */
import { DenoReactor, formatAddress, Protocol } from "@heddle/heddle";

class Echo extends Protocol {
  override connectionMade(): void {
    console.log(`${this.transport.tls?.peerName} speaks ${this.transport.tls?.version}`);
  }

  override dataReceived(data: Uint8Array): void {
    this.transport.write(data);
  }
}

const [folder = "certificates", number = "7443"] = Deno.args;
const reactor = new DenoReactor({ log: console });
const port = await reactor.listen(
  `tls:127.0.0.1:${number}:certificate=${folder}/server.pem:privateKey=${folder}/server.key` +
    `:clientAuthorities=${folder}/authority.pem`, // without this, anybody may come
  () => new Echo(),
);
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
