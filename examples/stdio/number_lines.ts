/**
 * Numbers lines. A protocol does not know what it speaks over: standard input and output, or a socket. Run it
 * with
 *
 *     deno run --allow-net examples/stdio/number_lines.ts [ENDPOINT] < README.md
 *
 * ENDPOINT is by default `stdio:`; with `tcp:127.0.0.1:7009` it serves the same to `nc 127.0.0.1 7009`.
 */
import { DenoReactor, TextLineReceiver } from "@heddle/heddle";

class NumberLines extends TextLineReceiver {
  #lines = 0;

  override textReceived(line: string): void {
    this.sendLine(`${++this.#lines}\t${line}`);
  }

  override connectionLost(): void {
    if (this.transport.peer.transport === "stdio") reactor.stop();
  }
}

const reactor = new DenoReactor({ log: console });
await reactor.listen(Deno.args[0] ?? "stdio:", () => new NumberLines());
await reactor.run();
