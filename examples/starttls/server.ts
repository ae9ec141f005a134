/**
 * A server of lines that offers to switch to TLS, as SMTP, POP3 and IMAP do. Make certificates first, then run
 * it with
 *
 *     mkdir certificates && sh examples/tls/certificates.sh certificates
 *     deno run --allow-net --allow-read examples/starttls/server.ts certificates [ENDPOINT]
 *
 * and talk to it with the client beside this file. ENDPOINT is where it listens, by default `tcp:127.0.0.1:7025`.
 */
import { DenoReactor, formatAddress, TextLineReceiver } from "@heddle/heddle";

class Server extends TextLineReceiver {
  override textReceived(line: string): void {
    if (line === "STARTTLS" && this.transport.tls === null) void this.#secure();
    else this.sendLine(`${this.transport.tls?.version ?? "In the clear"}: ${line}`);
  }

  async #secure(): Promise<void> {
    this.sendLine("Go ahead");
    this.clearLineBuffer(); // what came with the command came in the clear: from whom, nobody knows
    try {
      await this.transport.startTLS({
        certificate: `${folder}/server.pem`,
        privateKey: `${folder}/server.key`,
      });
    } catch (error) {
      console.error(error); // the connection is lost already
    }
  }
}

const [folder = "certificates", endpoint = "tcp:127.0.0.1:7025"] = Deno.args;
const reactor = new DenoReactor({ log: console });
const port = await reactor.listen(endpoint, () => new Server());
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
