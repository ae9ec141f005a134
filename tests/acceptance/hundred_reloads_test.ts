import { assert, assertEquals, assertMatch } from "../assert.ts";
import { isMissing } from "../support/programs.ts";
import { Controlled } from "./_controlled.ts";

/** The same application in two versions: what `web` answers, how `brief` is limited, and one service more or less. */
function version(n: number): string {
  const extra = n % 2 === 0 ? "" : `  extra: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }\n`;
  return `name: demo
services:
  web: { plugin: http, options: { listen: "tcp:127.0.0.1:0", routes: [{ respond: "version ${n}" }] } }
  brief:
    plugin: http
    options: { listen: "tcp:127.0.0.1:0", limits: { connections: ${1000 + n} }, routes: [{ respond: hello }] }
  steady: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }
${extra}`;
}

/** One byte there and back. */
async function beat(connection: Deno.Conn): Promise<void> {
  await connection.write(new Uint8Array([120]));
  const buffer = new Uint8Array(8);
  assertEquals(await connection.read(buffer), 1);
}

/** Come with one request and go, again and again; how often until `signal`. */
async function newcomers(port: number, signal: AbortSignal): Promise<number> {
  const request = new TextEncoder().encode("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  let served = 0;
  for (; !signal.aborted; served++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(request);
    assertMatch(await new Response(connection.readable).text(), /^HTTP\/1.1 200 /);
  }
  return served;
}

Deno.test({
  name: "through a hundred reloads and restarts nobody is refused, no request fails, open connections stay",
  ignore: isMissing("wrk"),
  async fn() {
    await using app = new Controlled(version(0));
    await app.served.ready();
    await app.open();
    const port = async (service: string) => Number(await app.served.port(service));
    const wrk = new Deno.Command("wrk", {
      args: ["-t1", "-c16", "-d60s", "--latency", `http://127.0.0.1:${await port("web")}/`],
      stdout: "piped",
    }).spawn();
    const steady = await Promise.all(
      Array.from(
        { length: 10 },
        async () => Deno.connect({ hostname: "127.0.0.1", port: await port("steady") }),
      ),
    );
    const over = new AbortController();
    const coming = Promise.all(
      Array.from({ length: 4 }, async () => await newcomers(await port("brief"), over.signal)),
    );

    for (let n = 1; n <= 50; n++) {
      app.write(version(n));
      const reloaded = await app.ask("/v1/reload", "POST");
      assertEquals(reloaded.status, 200, await reloaded.text());
      const unit = n % 2 === 0 ? "web" : "brief";
      const restarted = await app.ask(`/v1/restart?unit=${unit}`, "POST");
      assertEquals(restarted.status, 200, await restarted.text());
      await Promise.all(steady.map(beat));
    }

    over.abort();
    const served = await coming;
    assert(served.every((count) => count > 20), `newcomers were served: ${served}`);
    for (const connection of steady) connection.close();
    wrk.kill("SIGINT"); // it prints what it has seen
    const report = await new Response(wrk.stdout).text();
    await wrk.status;
    assertMatch(report, /requests in/);
    assert(!/Socket errors|Non-2xx/.test(report), report);
    const { units } = await (await app.ask("/v1/status")).json();
    const restarts = units.find(({ path }: { path: string }) => path === "steady").restarts;
    assertEquals(restarts, 0);
  },
});
