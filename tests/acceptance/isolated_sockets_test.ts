import { connect as connectTls } from "node:tls";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { makeCertificates, withoutOpenssl } from "../support/certificates.ts";
import { asked, Isolated } from "./_isolated.ts";
import { Scene } from "./_scene.ts";

Deno.test("a UNIX socket outlives the process that serves it, and goes with the service", async () => {
  await using app = new Isolated("", 'listen: "unix:subject.sock:mode=600"');
  assertEquals(await app.endpoint(), "unix:subject.sock");
  const path = `${app.scene.folder}/subject.sock`;
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  Deno.kill((await app.pids())[0]!, "SIGKILL");
  assertEquals(await asked(`unix:${path}`, "ping"), "pong");
  app.served.kill("SIGTERM");
  assertEquals(await app.served.ended(), 0);
  assertEquals([...Deno.readDirSync(app.scene.folder)].map(({ name }) => name), ["app.yaml"]);
});

Deno.test({
  name: "TLS in a process of its own reads its certificate, and nothing else",
  ignore: withoutOpenssl,
  async fn() {
    await using authority = await makeCertificates();
    const files = await authority.issue("server", "localhost");
    const tls = `certificate=${files.certificate}:privateKey=${files.privateKey}`;
    await using app = new Isolated("", `listen: "tls:127.0.0.1:0:${tls}"`);
    const endpoint = await app.endpoint();
    const port = Number(endpoint.split(":").at(-1));
    const ask = (line: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
        socket.on("error", reject);
        socket.on("data", (data) => {
          resolve(data.toString().trim());
          socket.destroy();
        });
        socket.write(`${line}\n`);
      });
    assertEquals(await ask("ping"), "pong");
    assertMatch(await ask(`read ${files.certificate}`), /^\d+$/);
    assertEquals(await ask("read /etc/passwd"), "NotCapable");
  },
});

Deno.test("UDP in a process of its own answers those that it may reach", async () => {
  await using scene = new Scene(`services:
  echo:
    plugin: echo
    isolate: process
    permissions: { net: ["127.0.0.1"] }
    options: { listen: "tcp:127.0.0.1:0", udp: "udp:127.0.0.1:0" }
`);
  await using app = scene.serve();
  const udp = (await app.endpoints("echo")).find((endpoint) => endpoint.startsWith("udp:"))!;
  const client = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    const port = Number(udp.split(":").at(-1));
    await client.send(new TextEncoder().encode("hello"), { transport: "udp", hostname: "127.0.0.1", port });
    const [data] = await client.receive();
    assertEquals(new TextDecoder().decode(data), "hello");
  } finally {
    client.close();
  }
});

Deno.test("a port that somebody else has is told with its name, and what to do", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr as Deno.NetAddr;
  await using app = new Isolated("", `listen: "tcp:127.0.0.1:${port}"`);
  const { reason } = await app.served.record(({ message }) => message === "Failed, will be started again");
  assertEquals(
    reason,
    `Cannot listen on "tcp:127.0.0.1:${port}": address in use; stop the other program or choose another port`,
  );
});

Deno.test("umask and working folder are the process's own", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    await using app = new Isolated(`umask: "027"\ncwd: ${folder}\npermissions: { read: [.], write: [.] }`);
    const endpoint = await app.endpoint();
    assertEquals(await asked(endpoint, "cwd"), folder);
    assertEquals(await asked(endpoint, "write made"), "written");
    assertEquals(Deno.statSync(`${folder}/made`).mode! & 0o777, 0o640);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "a group that the runner may give is the process's",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using app = new Isolated("group: 65534");
    await app.endpoint();
    const status = Deno.readTextFileSync(`/proc/${(await app.pids())[0]}/status`);
    assertMatch(status, /^Gid:\s+65534\s+65534/m);
  },
});

Deno.test("check tells what a process may do, and what cannot be had", async () => {
  await using scene = new Scene(`services:
  in:
    plugin: echo
    memory: 64MiB
    options: { listen: "tcp:127.0.0.1:7601" }
  out:
    plugin: echo
    isolate: process
    permissions: { read: [/etc/hostname], run: [id] }
    options: { listen: "tcp:127.0.0.1:7602", udp: "udp:127.0.0.1:7602" }
`);
  await using checked = scene.check();
  assertEquals(await checked.ended(), 0);
  assertEquals(checked.stdout.lines.slice(1), [
    `  in: warning: "memory" has no effect on the runner's reactor: write "isolate: process", or remove it`,
    '  out: its process may use: net "127.0.0.1:7602", read "/etc/hostname", run "id"',
    '  out: warning: "permissions: run" undoes the isolation: a program that it runs may do whatever its user may',
    '  out: warning: it can answer datagrams only of peers that "permissions: net" names: write "net: true" for all',
  ]);
});

Deno.test("check refuses what cannot cross processes, and says what to do", async () => {
  const module = (body: string) =>
    `import { definePlugin, token } from "@heddle/heddle"; import { z } from "zod";
export default definePlugin({ name: "x", options: z.strictObject({}), makeService: () => ({ start() {} }), ${body} });`;
  await using scene = new Scene(`services:
  store: { plugin: ./store.ts, isolate: process }
  front: { plugin: ./front.ts, needs: [store], isolate: process }
  pipe: { plugin: echo, isolate: process, options: { listen: "stdio:" } }
  many: { plugin: echo, isolate: process, replicas: 2, options: { listen: "tcp:127.0.0.1:0", udp: "udp:5" } }
`);
  Deno.writeTextFileSync(`${scene.folder}/store.ts`, module('provides: [token("acme.store")]'));
  Deno.writeTextFileSync(`${scene.folder}/front.ts`, module('needs: [token("acme.store")]'));
  await using checked = scene.check();
  assertEquals(await checked.ended(), 78);
  for (
    const problem of [
      'services.store.isolate: Cannot run "store" in a process of its own: "front" needs "acme.store" of it, which does not reach out of one; write "isolate: inline"',
      'services.front.isolate: Cannot run "front" in a process of its own: it needs "acme.store", which does not reach into one; write "isolate: inline"',
      'services.pipe.isolate: Cannot use "stdio:" in a process of its own: write "isolate: inline"',
      "services.many.replicas: Cannot have several replicas: a UDP port belongs to one process; write 1, or take the endpoint out",
    ]
  ) assert(checked.stderr.text.includes(problem), checked.stderr.text);
});

Deno.test("a web server in processes of its own serves files, and handlers that import Heddle", async () => {
  await using scene = new Scene(`services:
  web:
    plugin: http
    isolate: process
    replicas: 2
    options:
      listen: tcp:127.0.0.1:0
      routes:
        - { path: /hello, handler: site/hello.ts }
        - { path: /*, files: site }
`);
  Deno.mkdirSync(`${scene.folder}/site`);
  Deno.writeTextFileSync(`${scene.folder}/site/index.html`, "<p>index</p>");
  Deno.writeTextFileSync(
    `${scene.folder}/site/hello.ts`,
    `import { Reply } from "@heddle/heddle/http";
export default async () => {
  const passwd = await Deno.readTextFile("/etc/passwd").catch((error) => error.name);
  return new Reply("hello " + passwd);
};`,
  );
  await using app = scene.serve();
  const port = await app.port("web");
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  assertEquals(await get("/"), "<p>index</p>");
  assertEquals(await get("/hello"), "hello NotCapable");
});

Deno.test("a full process lets go of the socket, and asks for it again when it has room", async () => {
  await using scene = new Scene(`services:
  echo: { plugin: echo, isolate: process, options: { listen: "tcp:127.0.0.1:0", maxConnections: 1 } }
`);
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("echo");
  for (let round = 0; round < 5; round++) {
    const first = await TextConn.connect(endpoint!);
    await first.send("first\n");
    assertEquals(await first.line(), "first");
    using second = await TextConn.connect(endpoint!);
    using third = await TextConn.connect(endpoint!);
    await second.send("second\n");
    await third.send("third\n");
    first[Symbol.dispose]();
    assertEquals(await second.line(), "second");
    await second.end();
    assertEquals(await third.line(), "third");
  }
});
