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

/** An application whose names can be asked for, and where. */
async function served(scene: Scene): Promise<{ app: Served; dig(...args: string[]): Promise<string> }> {
  const app = scene.serve();
  await app.ready();
  const port = (await app.endpoints("registry")).find((endpoint) => endpoint.startsWith("udp:127."))!.split(
    ":",
  )
    .at(-1)!;
  return {
    app,
    dig: async (...args) =>
      (await runProgram("dig", ["+time=2", "+tries=1", "-p", port, "@127.0.0.1", ...args])).stdout,
  };
}

Deno.test({
  name: "dig finds a service over UDP and TCP, and no other zone",
  ignore: isMissing("dig"),
  async fn() {
    await using scene = new Scene(APPLICATION.replace("FORWARD", "[]"));
    const { app, dig } = await served(scene);
    await using _ = app;
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
    const upstream = await served(upstreamScene);
    await using _ = upstream.app;
    const listens = (await upstream.app.endpoints("registry")).find((endpoint) =>
      endpoint.startsWith("udp:")
    )!;
    const silent = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    try {
      const forward = JSON.stringify([
        `127.0.0.1:${(silent.addr as Deno.NetAddr).port}`,
        listens.slice("udp:".length),
      ]);
      await using scene = new Scene(
        APPLICATION.replace("FORWARD", forward).replace("dns: {", "dns: { zone: other.test,"),
      );
      const { app, dig } = await served(scene);
      await using _ = app;
      const web = await upstream.app.port("web");
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
