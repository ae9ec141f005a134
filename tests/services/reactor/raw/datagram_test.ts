import type { UdpEndpoint } from "../../../../services/endpoint/endpoint.ts";
import { CannotListenError } from "../../../../services/reactor/errors.ts";
import type { RawDatagram } from "../../../../services/reactor/raw.ts";
import { bindDenoDatagram } from "../../../../services/reactor/raw/_deno_datagram.ts";
import { bindNodeDatagram } from "../../../../services/reactor/raw/_node_datagram.ts";
import { bindDatagram } from "../../../../services/reactor/raw/datagram.ts";
import { assertEquals, assertRejects } from "../../../assert.ts";

const GROUP = "239.255.77.7";

function udp(options: Partial<UdpEndpoint> = {}): UdpEndpoint {
  return { kind: "udp", port: 0, interface: "127.0.0.1", reuseAddress: false, loopback: false, ...options };
}

async function receiveText(port: RawDatagram, size = 2048): Promise<[text: string, from: number]> {
  const buffer = new Uint8Array(size);
  const [count, from] = await port.receive(buffer);
  assertEquals([from.transport, from.hostname], ["udp", "127.0.0.1"]);
  return [new TextDecoder().decode(buffer.subarray(0, count)), from.port];
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const implementations: readonly [string, (endpoint: UdpEndpoint) => Promise<RawDatagram>][] = [
  ["Deno.listenDatagram", (endpoint) => Promise.resolve(bindDenoDatagram(endpoint))],
  ["node:dgram", bindNodeDatagram],
];

for (const [name, bind] of implementations) {
  Deno.test(`${name}: datagrams go there and back, one buffer for all`, async () => {
    const [one, two] = [await bind(udp()), await bind(udp())];
    const buffer = new Uint8Array(16);
    for (const text of ["first", "", "third"]) {
      await one.send(bytes(text), two.host);
      const [count, from] = await two.receive(buffer);
      assertEquals([new TextDecoder().decode(buffer.subarray(0, count)), from.port], [text, one.host.port]);
      await two.send(buffer.subarray(0, count), from);
      assertEquals(await receiveText(one), [text, two.host.port]);
    }
    one.close();
    two.close();
  });

  Deno.test(`${name}: a datagram longer than the buffer is cut`, async () => {
    const port = await bind(udp());
    await port.send(bytes("too long"), port.host);
    await port.send(bytes("next"), port.host);
    assertEquals((await receiveText(port, 3))[0], "too");
    assertEquals((await receiveText(port))[0], "next");
    port.close();
  });

  Deno.test(`${name}: what comes while nobody receives is kept for a while`, async () => {
    const port = await bind(udp());
    for (let index = 0; index < 20; index++) await port.send(bytes(String(index)), port.host);
    for (let index = 0; index < 20; index++) assertEquals((await receiveText(port))[0], String(index));
    port.close();
  });

  Deno.test(`${name}: closing ends receive(), and may be repeated`, async () => {
    const port = await bind(udp());
    const received = assertRejects(() => port.receive(new Uint8Array(1)));
    port.close();
    port.close();
    await received;
    await assertRejects(() => port.receive(new Uint8Array(1)));
    await assertRejects(() => port.send(bytes("late"), port.host));
  });

  Deno.test(`${name}: groups are joined and left`, async () => {
    const member = await bind(udp({ interface: "0.0.0.0", reuseAddress: true }));
    const sender = await bind(udp({ loopback: true }));
    const group = { hostname: GROUP, port: member.host.port };
    await member.joinGroup(GROUP, "127.0.0.1");
    await sender.setMulticastTTL(1);
    await sender.send(bytes("to all"), group);
    assertEquals(await receiveText(member), ["to all", sender.host.port]);

    await member.leaveGroup(GROUP, "127.0.0.1");
    await sender.send(bytes("to nobody"), group);
    await sender.send(bytes("to one"), { hostname: "127.0.0.1", port: member.host.port });
    assertEquals((await receiveText(member))[0], "to one");
    await assertRejects(() => member.joinGroup("192.0.2.1"));
    member.close();
    sender.close();
  });

  Deno.test(`${name}: a port may be shared for multicast`, async () => {
    const first = await bind(udp({ interface: "0.0.0.0", reuseAddress: true }));
    const second = await bind(udp({ interface: "0.0.0.0", reuseAddress: true, port: first.host.port }));
    const sender = await bind(udp({ loopback: true }));
    for (const port of [first, second]) await port.joinGroup(GROUP, "127.0.0.1");
    await sender.send(bytes("both"), { hostname: GROUP, port: first.host.port });
    assertEquals(await Promise.all([first, second].map(async (port) => (await receiveText(port))[0])), [
      "both",
      "both",
    ]);
    for (const port of [first, second, sender]) port.close();
  });
}

Deno.test("bindDatagram() says what to do about a port in use", async () => {
  const first = await bindDatagram(udp());
  const { port } = first.host;
  const error = await assertRejects(() => bindDatagram(udp({ port })), CannotListenError);
  assertEquals(
    error.message,
    `Cannot listen on "udp:127.0.0.1:${port}": address in use; stop the other program or choose another port`,
  );
  first.close();
});

Deno.test("bindDatagram() does without the unstable flag", async () => {
  const script = `
    import { bindDatagram } from ${
    JSON.stringify(import.meta.resolve("../../../../services/reactor/raw/datagram.ts"))
  };
    const port = await bindDatagram({ kind: "udp", port: 0, interface: "127.0.0.1" });
    await port.send(new Uint8Array(3), port.host);
    const [size] = await port.receive(new Uint8Array(9));
    port.close();
    console.log(typeof Deno.listenDatagram, size);
  `;
  const map = import.meta.resolve("../../../../deno.json");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-config",
      "--import-map",
      map,
      `data:application/typescript,${encodeURIComponent(script)}`,
    ],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "undefined 3\n");
});
