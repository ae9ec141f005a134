/**
 * Finger (RFC 1288), first step: a protocol. One line is a question, the answer ends the conversation. Run it
 * with
 *
 *     deno run --allow-net examples/finger/1_answer.ts [ENDPOINT]
 *
 * then: `echo alice | nc 127.0.0.1 7079`. ENDPOINT is where it listens, by default `tcp:127.0.0.1:7079`.
 */
import { DenoReactor, formatAddress, TextLineReceiver } from "@heddle/heddle";

class Finger extends TextLineReceiver {
  override textReceived(_user: string): void {
    this.sendLine("No such user");
    this.transport.loseConnection();
  }
}

const reactor = new DenoReactor({ log: console });
const port = await reactor.listen(Deno.args[0] ?? "tcp:127.0.0.1:7079", () => new Finger());
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
