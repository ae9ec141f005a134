import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { isMissing, runProgram } from "../support/programs.ts";
import { Scene, type Served } from "./_scene.ts";

const APPLICATION = `
services:
  registry:
    plugin: discovery
    options:
      services: { web: { tags: [blue], metadata: { path: /start }, weight: 7 } }
      dns: { listen: "127.0.0.1:0", forward: FORWARD }
  web: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }
`;

/** A client of the application's names. */
async function digging(app: Served): Promise<(...args: string[]) => Promise<string>> {
  await app.ready();
  const where = await datagramEndpoint(app);
  const port = where.slice(where.lastIndexOf(":") + 1);
  return async (...args) =>
    (await runProgram("dig", ["+time=2", "+tries=1", "-p", port, "@127.0.0.1", ...args])).stdout;
}

/** Where it answers; a port for what it forwards is on all interfaces. */
async function datagramEndpoint(app: Served): Promise<string> {
  return (await app.endpoints("registry")).find((endpoint) => endpoint.startsWith("udp:127."))!;
}

Deno.test({
  name: "dig finds a service over UDP and TCP, and no other zone",
  ignore: isMissing("dig"),
  async fn() {
    await using scene = new Scene(APPLICATION.replace("FORWARD", "[]"));
    await using app = scene.serve();
    const dig = await digging(app);
    const web = await app.port("web");
    assertEquals(await dig("+short", "web.heddle.test", "SRV"), `0 7 ${web} 127-0-0-1.ip4.heddle.test.\n`);
    assertEquals(await dig("+short", "+tcp", "web.heddle.test", "A"), "127.0.0.1\n");
    assertEquals(await dig("+short", "127-0-0-1.ip4.heddle.test"), "127.0.0.1\n");
    assertStringIncludes(await dig("+short", "web.heddle.test", "TXT"), '"path=/start" "tags=blue"');
    assertEquals(
      await dig("+short", "_web._tcp.heddle.test", "PTR"),
      `127-0-0-1-${web}._web._tcp.heddle.test.\n`,
    );
    assertMatch(
      await dig("+short", "heddle.test", "SOA"),
      /^ns\.heddle\.test\. hostmaster\.heddle\.test\. \d+ /,
    );
    assertEquals(await dig("+short", "heddle.test", "NS"), "ns.heddle.test.\n");
    assertStringIncludes(await dig("nothing.heddle.test"), "status: NXDOMAIN");
    assertStringIncludes(await dig("example.org"), "status: REFUSED");
    assertStringIncludes(await dig("+noedns", "web.heddle.test", "AAAA"), "status: NOERROR");
    app.kill("SIGTERM");
    assertEquals(await app.ended(), 0);
  },
});

Deno.test({
  name: "questions about other zones are forwarded where the options say so",
  ignore: isMissing("dig"),
  async fn() {
    await using upstreamScene = new Scene(APPLICATION.replace("FORWARD", "[]"));
    await using upstream = upstreamScene.serve();
    await upstream.ready();
    const listens = await datagramEndpoint(upstream);
    const silent = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    try {
      const forward = JSON.stringify([
        `127.0.0.1:${(silent.addr as Deno.NetAddr).port}`,
        listens.slice("udp:".length),
      ]);
      await using scene = new Scene(
        APPLICATION.replace("FORWARD", forward).replace("dns: {", "dns: { zone: other.test,"),
      );
      await using app = scene.serve();
      const dig = await digging(app);
      const web = await upstream.port("web");
      // The first resolver says nothing, so the second is asked after 2 s.
      assertEquals(
        await dig("+time=5", "+short", "web.heddle.test", "SRV"),
        `0 7 ${web} 127-0-0-1.ip4.heddle.test.\n`,
      );
      assertEquals(await dig("+time=5", "+tcp", "+short", "web.heddle.test", "A"), "127.0.0.1\n");
      assertEquals(await dig("+short", "web.other.test", "A"), "127.0.0.1\n");
    } finally {
      silent.close();
    }
  },
});
