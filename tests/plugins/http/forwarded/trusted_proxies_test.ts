import type { HttpRequest } from "../../../../services/http/request.ts";
import type { RequestInfo } from "../../../../services/http/handler.ts";
import type { Address } from "../../../../services/reactor/address.ts";
import { parseCidr } from "../../../../services/endpoint/cidr.ts";
import { TrustedProxies } from "../../../../plugins/http/forwarded/trusted_proxies.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../../assert.ts";
import { ask, type Options, startHttp } from "../_scene.ts";
import { at, startProxy } from "../proxy/_scene.ts";

/** What is asked by way of a proxy. */
const from = (client: string, proto?: string) => ({
  headers: { "x-forwarded-for": client, ...(proto !== undefined && { "x-forwarded-proto": proto }) },
});

/** The client of a request with this `x-forwarded-for`, where 10.0.0.0/8 is trusted. */
function clientOf(field: string, peer: Address = { transport: "tcp", hostname: "10.0.0.1", port: 5000 }) {
  const proxies = new TrustedProxies([parseCidr("10.0.0.0/8"), "unix"]);
  const request = { header: (name: string) => name === "x-forwarded-for" ? field : null };
  const seen = proxies.see(request as HttpRequest, { peer, tls: null } as RequestInfo).peer;
  return seen.transport === "tcp" ? seen.hostname : seen.transport;
}

Deno.test("the client is the last address of X-Forwarded-For that is no trusted proxy's", () => {
  assertEquals(clientOf("192.0.2.1"), "192.0.2.1");
  assertEquals(clientOf("6.6.6.6, 192.0.2.1, 10.9.9.9"), "192.0.2.1");
  assertEquals(clientOf("2001:db8::1"), "2001:db8::1");
  assertEquals(clientOf("[2001:db8::1]:443"), "2001:db8::1");
  assertEquals(clientOf("192.0.2.1:4711"), "192.0.2.1");
  assertEquals(clientOf("10.0.0.7, 10.0.0.8"), "10.0.0.7");
  // What a proxy cannot have meant ends the search where it was sure.
  assertEquals(clientOf("192.0.2.1, unknown, 10.0.0.8"), "10.0.0.8");
  for (const nothing of ["", ",", "unknown", "192.0.2.1\\", "0x7f.1"]) {
    assertEquals(clientOf(nothing), "10.0.0.1");
  }
});

Deno.test("whoever is no trusted proxy is who it is, whatever it says", () => {
  assertEquals(clientOf("192.0.2.1", { transport: "tcp", hostname: "11.0.0.1", port: 1 }), "11.0.0.1");
  assertEquals(
    clientOf("192.0.2.1", { transport: "tcp", hostname: "::ffff:10.0.0.1", port: 1 }),
    "192.0.2.1",
  );
  assertEquals(clientOf("192.0.2.1", { transport: "unix", path: "" }), "192.0.2.1");
});

const trusting = (routes: Options["routes"]): Options => ({ trustedProxies: ["127.0.0.0/8"], routes });

Deno.test("allow, deny and rateLimit go by the client that a trusted proxy names", async () => {
  await using app = await startHttp(trusting([
    { path: "/in", respond: "in", allow: ["192.0.2.0/24"] },
    { path: "/out", respond: "out", deny: ["192.0.2.0/24"] },
    { path: "/rare", respond: "rare", rateLimit: { requests: 1, per: "1m" } },
  ]));
  const status = async (path: string, client: string) => (await ask(app, path, from(client))).status;
  assertEquals([await status("/in", "192.0.2.1"), await status("/in", "198.51.100.1")], [200, 403]);
  assertEquals([await status("/out", "192.0.2.1"), await status("/out", "198.51.100.1")], [403, 200]);
  assertEquals(
    [
      await status("/rare", "192.0.2.1"),
      await status("/rare", "192.0.2.1"),
      await status("/rare", "192.0.2.2"),
    ],
    [200, 429, 200],
  );
  assertEquals((await ask(app, "/in")).status, 403);
});

Deno.test("without trustedProxies nobody gets in by a header", async () => {
  await using app = await startHttp({ routes: [{ respond: "in", allow: ["192.0.2.0/24"] }] });
  assertEquals((await ask(app, "/", from("192.0.2.1"))).status, 403);
});

Deno.test("requireTls and hsts know that the client came to the proxy with TLS", async () => {
  await using app = await startHttp({ ...trusting([{ respond: "ok" }]), requireTls: true, hsts: "1d" });
  const secure = await ask(app, "/", from("192.0.2.1", "https"));
  assertEquals([secure.status, secure.headers["strict-transport-security"]], [200, "max-age=86400"]);
  assertEquals((await ask(app, "/", from("192.0.2.1", "http"))).status, 308);
  assertEquals((await ask(app, "/", from("192.0.2.1", "https, http"))).status, 308);
  assertEquals((await ask(app, "/", from("192.0.2.1"))).status, 308);
});

Deno.test("the access log names the client, on requests that no route or site is for as well", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/access.log`;
    {
      await using app = await startHttp({
        trustedProxies: ["127.0.0.1"],
        log: { format: "common", file },
        sites: [{ hosts: "a.example", routes: [{ path: "/a", respond: "a" }] }],
      });
      for (const [path, host] of [["/a", "a.example"], ["/b", "a.example"], ["/c", "b.example"]]) {
        await ask(app, path!, { host: host!, ...from("192.0.2.1") });
      }
    }
    const lines = (await Deno.readTextFile(file)).trim().split("\n");
    assertEquals(lines.map((line) => line.split(" ")[0]), Array(3).fill("192.0.2.1"));
    assertMatch(lines[2]!, /"GET \/c HTTP\/1\.1" 421 /);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a reload changes whom is trusted, on connections that stand", async () => {
  await using app = await startHttp({ routes: [{ respond: "in", allow: ["192.0.2.0/24"] }] });
  const client = await app.connect();
  const request = "GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.1\r\n\r\n";
  await client.send(request);
  await app.reload(trusting([{ respond: "in", allow: ["192.0.2.0/24"] }]));
  await client.send(request);
  assertEquals(client.received().match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 403", "HTTP/1.1 200"]);
});

Deno.test("an upstream is told of the client and of the proxy before us", async () => {
  const { app, fakes: [fake] } = await startProxy(trusting([{ proxy: at(3001) }]), 1);
  await using _app = app;
  await ask(app, "/", from("192.0.2.1", "https"));
  assertStringIncludes(fake!.requests[0]!, "\r\nx-forwarded-for: 192.0.2.1, 127.0.0.1\r\n");
  assertStringIncludes(fake!.requests[0]!, "\r\nx-forwarded-proto: https\r\n");
});

Deno.test("a handler is told who the client is", async () => {
  const plain = new URL("../fixtures/plain.ts", import.meta.url).pathname;
  await using app = await startHttp(trusting([{ handler: plain }]));
  assertEquals((await ask(app, "/peer", from("192.0.2.1"))).body, "tcp:192.0.2.1:0");
});
