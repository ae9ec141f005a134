import { DnsSd } from "../../../../plugins/discovery/dns_sd/dns_sd.ts";
import { linksOf } from "../../../../plugins/discovery/dns_sd/link_addresses.ts";
import { dnsSdOptions } from "../../../../plugins/discovery/dns_sd/options.ts";
import type { SystemAddress } from "../../../../plugins/discovery/system_addresses.ts";
import { decode, encode, type ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { DatagramProtocol } from "../../../../services/protocol/datagram_protocol.ts";
import { EmbeddedRegistry } from "../../../../services/registry/embedded_registry.ts";
import { MemoryReactor, recordingLogger } from "../../../../services/testing/mod.ts";
import { assertEquals } from "../../../assert.ts";

const ETH0: SystemAddress = { name: "eth0", address: "10.0.0.5", cidr: "10.0.0.5/24" };
const WLAN0: SystemAddress = { name: "wlan0", address: "192.168.1.5", cidr: "192.168.1.5/24" };

/** A neighbour who hears all that is said to the group. */
class Neighbour extends DatagramProtocol {
  readonly heard: string[] = [];

  override datagramReceived(data: Uint8Array): void {
    const { type, answers } = decode(data);
    if (type !== "response") return;
    this.heard.push(...answers.map((record) => `${record.type} ${record.name} ${record.ttl}`));
  }

  take(): string[] {
    return this.heard.splice(0);
  }
}

class Scene implements AsyncDisposable {
  readonly reactor = new MemoryReactor();
  readonly registry = new EmbeddedRegistry({ time: this.reactor, node: "here" });
  readonly neighbour = new Neighbour();
  interfaces: SystemAddress[] = [ETH0];
  dnsSd!: DnsSd;

  async open(options: unknown): Promise<this> {
    const port = await this.reactor.listenDatagram("udp:10.0.0.99:5353:reuseAddress=true", this.neighbour);
    await port.joinGroup("224.0.0.251");
    this.dnsSd = await DnsSd.open(dnsSdOptions.parse(options), {
      reactor: this.reactor,
      registry: this.registry,
      log: recordingLogger(),
      random: () => 0,
      links: () => linksOf(this.interfaces, () => true),
    });
    return this;
  }

  /** Somebody at `address` says something to the group. */
  async say(address: string, records: ResourceRecord[]): Promise<void> {
    const port = await this.reactor.listenDatagram(
      `udp:${address}:5353:reuseAddress=true`,
      new DatagramProtocol(),
    );
    port.write(encode({ type: "response", answers: records }), { hostname: "224.0.0.251", port: 5353 });
    await this.reactor.settle();
    await port.stopListening();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dnsSd.farewell();
    await this.reactor[Symbol.asyncDispose]();
  }
}

Deno.test("a service is told of where one of its addresses is, and taken back when it drains", async () => {
  await using scene = await new Scene().open({ publish: { web: "_http._tcp" } });
  const registration = await scene.registry.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
  await scene.registry.register({ service: "web", endpoint: "tcp:192.168.1.5:80" });
  await scene.registry.register({ service: "web", endpoint: "tcp:127.0.0.1:81" });
  scene.dnsSd.publish();
  await scene.reactor.advance(5_000);
  const said = new Set(scene.neighbour.take());
  assertEquals(said.has("SRV web on here._http._tcp.local 120"), true);
  assertEquals([...said].filter((line) => line.startsWith("SRV")).length, 1);
  await registration.update({ state: "draining" });
  scene.dnsSd.publish();
  await scene.reactor.settle();
  assertEquals(scene.neighbour.take()[0], "SRV web on here._http._tcp.local 0");
});

Deno.test("interfaces come and go", async () => {
  await using scene = await new Scene().open({ publish: { web: "_http._tcp" } });
  await scene.registry.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
  await scene.registry.register({ service: "web", endpoint: "tcp:192.168.1.5:80" });
  scene.dnsSd.publish();
  await scene.reactor.advance(4_000);
  scene.neighbour.take();
  scene.interfaces = [ETH0, WLAN0];
  await scene.reactor.advance(10_000);
  assertEquals(scene.neighbour.take().includes("A heddle-here.local 120"), true);
  scene.interfaces = [WLAN0];
  await scene.reactor.advance(6_000);
  assertEquals(scene.neighbour.take().includes("SRV web on here._http._tcp.local 0"), true);
  scene.interfaces = [];
  await scene.reactor.advance(6_000);
  assertEquals(scene.neighbour.take().includes("SRV web on here._http._tcp.local 0"), true);
});

const PRINTER: ResourceRecord[] = [
  { name: "_ipp._tcp.local", type: "PTR", ttl: 100, data: "Laser._ipp._tcp.local" },
  { name: "Laser._ipp._tcp.local", type: "SRV", ttl: 100, data: { port: 631, target: "laser.local" } },
  { name: "laser.local", type: "A", ttl: 100, data: "10.0.0.9" },
];

Deno.test("what is found is registered, and gone with its interface; what comes from elsewhere is not heard", async () => {
  await using scene = await new Scene().open({ browse: { printer: "_ipp._tcp" } });
  await scene.say("172.16.0.9", PRINTER);
  assertEquals(scene.registry.list("printer"), []);
  await scene.say("10.0.0.9", PRINTER);
  const [printer] = scene.registry.list("printer");
  assertEquals([printer?.endpoint, printer?.metadata], ["tcp:10.0.0.9:631", {
    host: "laser.local",
    name: "Laser",
  }]);
  scene.interfaces = [];
  await scene.reactor.advance(6_000);
  assertEquals(scene.registry.list("printer"), []);
});
