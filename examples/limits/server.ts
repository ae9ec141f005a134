/**
 * What is put around a protocol: limits, timeouts, bandwidth, a log of the traffic. Run it with
 *
 *     deno run --allow-net examples/limits/server.ts [ENDPOINT]
 *
 * and watch it bear with `cat /dev/zero | nc 127.0.0.1 7007`. ENDPOINT is where it listens, by default
 * `tcp:127.0.0.1:7007`.
 */
import {
  DenoReactor,
  type FactoryLike,
  formatAddress,
  idleTimeout,
  limitPerPeer,
  logTraffic,
  parseDuration,
  parseSize,
  Protocol,
  throttle,
  trafficLog,
} from "@heddle/heddle";

class Echo extends Protocol {
  override dataReceived(data: Uint8Array): void {
    this.transport.write(data);
  }
}

const reactor = new DenoReactor({ log: console });

// Each takes a factory and returns one. The first is next to the protocol, the last to the network.
let echo: FactoryLike = () => new Echo();
echo = throttle(echo, { readBytesPerSecond: parseSize("20KiB"), per: "connection" }, reactor);
echo = idleTimeout(echo, parseDuration("1m"), reactor);
echo = trafficLog(echo, logTraffic(console, { preview: 20 }));
echo = limitPerPeer(echo, 2);

// Beyond so many connections in all, the next ones wait in the kernel's queue; `limitTotal` would close them.
const port = await reactor.listen(Deno.args[0] ?? "tcp:127.0.0.1:7007", echo, { maxConnections: 100 });
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
