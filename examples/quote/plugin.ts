/**
 * The quote of the day (RFC 865), to whoever connects or sends a datagram: a plugin, beside it its test and an
 * application that uses it. Run it with
 *
 *     deno task serve examples/quote/app.yaml
 *
 * then: `nc 127.0.0.1 7017`.
 */
import { DatagramProtocol, definePlugin, type InetAddress, type Plugin, Protocol } from "@heddle/heddle";
import { endpoint, udpEndpoint } from "@heddle/heddle/zod";
import { z } from "zod";

/** Gives one quote after another. */
class Quotes {
  readonly #quotes: readonly Uint8Array[];
  #given = 0;

  constructor(quotes: readonly string[]) {
    this.#quotes = quotes.map((quote) => new TextEncoder().encode(`${quote}\r\n`));
  }

  next(): Uint8Array {
    return this.#quotes[this.#given++ % this.#quotes.length]!;
  }
}

class QuoteOfTheDay extends Protocol {
  readonly #quotes: Quotes;

  constructor(quotes: Quotes) {
    super();
    this.#quotes = quotes;
  }

  override connectionMade(): void {
    this.transport.write(this.#quotes.next());
    this.transport.loseConnection();
  }
}

class QuoteDatagrams extends DatagramProtocol {
  readonly #quotes: Quotes;

  constructor(quotes: Quotes) {
    super();
    this.#quotes = quotes;
  }

  override datagramReceived(_data: Uint8Array, from: InetAddress): void {
    this.transport.write(this.#quotes.next(), from);
  }
}

const quote = z.string().min(1).max(510, "A quote has at most 510 characters (RFC 865)");
const options = z.strictObject({
  listen: endpoint().prefault("tcp:127.0.0.1:7017").describe("Where to give quotes to who connects"),
  udp: udpEndpoint().optional().describe("Where to give quotes to who sends a datagram"),
  quotes: z.array(quote).min(1).describe("The quotes, given in turn"),
});

export default definePlugin({
  name: "quote",
  description: "Give a quote to whoever asks (RFC 865)",
  options,
  makeService: ({ listen, udp, quotes: texts }) => ({
    async start({ reactor }) {
      const quotes = new Quotes(texts);
      await reactor.listen(listen, () => new QuoteOfTheDay(quotes));
      if (udp !== undefined) await reactor.listenDatagram(udp, new QuoteDatagrams(quotes));
    },
  }),
}) as Plugin<typeof options>;
