import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { makeCertificates, withoutOpenssl } from "../support/certificates.ts";
import { isMissing, runProgram } from "../support/programs.ts";
import { Scene, type Served } from "./_scene.ts";

/** An nginx that serves `folder` on a UNIX socket, and gone with its test. */
class Nginx implements AsyncDisposable {
  readonly socket: string;
  readonly #child: Deno.ChildProcess;

  private constructor(socket: string, child: Deno.ChildProcess) {
    this.socket = socket;
    this.#child = child;
  }

  static async start(folder: string, name: string): Promise<Nginx> {
    const socket = `${folder}/${name}.sock`;
    await Deno.writeTextFile(
      `${folder}/${name}.conf`,
      `daemon off; master_process off; pid ${folder}/${name}.pid; error_log ${folder}/${name}.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/${name}.body;
  server {
    listen unix:${socket};
    location / { root ${folder}; gzip on; gzip_proxied any; gzip_types text/plain; gzip_min_length 1; }
    location = /told { return 200 "$http_x_forwarded_for $http_x_forwarded_proto $http_host $request_method"; }
  }
}
`,
    );
    const child = new Deno.Command("nginx", {
      args: ["-p", folder, "-c", `${folder}/${name}.conf`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const nginx = new Nginx(socket, child);
    while (!await nginx.#listens()) await new Promise((resolve) => setTimeout(resolve, 10));
    return nginx;
  }

  async #listens(): Promise<boolean> {
    try {
      (await Deno.connect({ transport: "unix", path: this.socket })).close();
      return true;
    } catch {
      return false;
    }
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill();
    } catch {
      // It has been killed by its test.
    }
    await this.#child.status;
  }
}

async function curl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram("curl", ["-sS", "--max-time", "20", ...args]);
  assert(code === 0, stderr);
  return stdout;
}

async function stopped(app: Served): Promise<void> {
  app.kill("SIGTERM");
  assertEquals(await app.ended(), 0);
}

/** Whether somebody listens there. */
async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

const withoutNginx = isMissing("curl") || isMissing("nginx");

Deno.test({
  name: "curl gets what nginx behind a proxy on a UNIX socket serves, whole, in parts and compressed",
  ignore: withoutNginx,
  fn: async () => {
    await using scene = new Scene("");
    await using nginx = await Nginx.start(scene.folder, "one");
    const page = "All work and no play makes Jack a dull boy\n".repeat(50_000);
    await Deno.writeTextFile(`${scene.folder}/page.txt`, page);
    await Deno.writeTextFile(
      `${scene.folder}/app.yaml`,
      `name: front
services:
  web:
    plugin: http
    options:
      listen: tcp:127.0.0.1:0
      routes: [{ proxy: "unix:${nginx.socket}" }]
`,
    );
    await using app = scene.serve();
    const base = `http://127.0.0.1:${await app.port("web")}`;
    assertEquals(await curl(`${base}/page.txt`), page);
    assertEquals(await curl("--compressed", `${base}/page.txt`), page);
    assertEquals(await curl("-r", "4-7", `${base}/page.txt`), "work");
    assertStringIncludes(await curl("-I", `${base}/page.txt`), `content-length: ${page.length}`);
    assertEquals(await curl(`${base}/told`), `127.0.0.1 http ${base.slice("http://".length)} GET`);
    // In chunks, as curl sends what it does not know the length of.
    const upload = ["-H", "transfer-encoding: chunked", "--data-binary", `@${scene.folder}/page.txt`];
    assertStringIncludes(await curl(...upload, `${base}/told`), "POST");
    assertEquals(await curl("-o", "/dev/null", "-w", "%{http_code}", `${base}/missing`), "404");
    await stopped(app);
  },
});

Deno.test({
  name: "no GET fails when one of two upstreams is killed under load",
  ignore: withoutNginx,
  fn: async () => {
    await using scene = new Scene("");
    await using one = await Nginx.start(scene.folder, "one");
    await using two = await Nginx.start(scene.folder, "two");
    await Deno.writeTextFile(`${scene.folder}/page.txt`, "still here");
    await Deno.writeTextFile(
      `${scene.folder}/app.yaml`,
      `name: front
services:
  web:
    plugin: http
    options:
      listen: tcp:127.0.0.1:0
      routes: [{ proxy: ["unix:${one.socket}", "unix:${two.socket}"] }]
`,
    );
    await using app = scene.serve();
    const url = `http://127.0.0.1:${await app.port("web")}/page.txt`;
    let answered = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let n = 0; n < 100; n++) {
        const response = await fetch(url);
        assertEquals([response.status, await response.text()], [200, "still here"]);
        if (++answered === 200) one.kill();
      }
    }));
    assertEquals(answered, 800);
    await stopped(app);
  },
});

Deno.test({
  name: "a download through a proxy is finished while the service stops",
  ignore: withoutNginx,
  fn: async () => {
    await using scene = new Scene("");
    await using nginx = await Nginx.start(scene.folder, "one");
    const size = 6 * 1024 * 1024;
    await Deno.writeFile(`${scene.folder}/long.bin`, new Uint8Array(size));
    await Deno.writeTextFile(
      `${scene.folder}/app.yaml`,
      `name: front
services:
  web:
    plugin: http
    options:
      listen: tcp:127.0.0.1:0
      routes: [{ proxy: "unix:${nginx.socket}" }]
`,
    );
    await using app = scene.serve();
    const port = Number(await app.port("web"));
    const conn = await Deno.connect({ port, hostname: "127.0.0.1" });
    await conn.write(new TextEncoder().encode("GET /long.bin HTTP/1.1\r\nHost: a\r\n\r\n"));
    const buffer = new Uint8Array(64 * 1024);
    let received = await conn.read(buffer) ?? 0;
    const head = new TextDecoder().decode(buffer.subarray(0, received)).split("\r\n\r\n")[0]!;
    app.kill("SIGTERM");
    while (await isOpen(port)) await new Promise((resolve) => setTimeout(resolve, 10));
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      received += count;
    }
    assertEquals(received, head.length + 4 + size);
    conn.close();
    assertEquals(await app.ended(), 0);
  },
});

Deno.test("events and WebSockets pass through a proxy as they come", async () => {
  const ticks = Promise.withResolvers<void>();
  await using upstream = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    if (request.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(`echo ${data}`);
      return response;
    }
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
        await ticks.promise;
        controller.enqueue(new TextEncoder().encode("data: 2\n\n"));
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  await using scene = new Scene(`name: front
services:
  web:
    plugin: http
    options:
      listen: tcp:127.0.0.1:0
      routes: [{ proxy: "tcp:127.0.0.1:${upstream.addr.port}" }]
`);
  await using app = scene.serve();
  const port = await app.port("web");
  const response = await fetch(`http://127.0.0.1:${port}/events`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "data: 1\n\n");
  ticks.resolve();
  assertEquals((await reader.read()).value, "data: 2\n\n");
  assertEquals((await reader.read()).done, true);

  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`);
  const next = <K extends keyof WebSocketEventMap>(type: K) =>
    new Promise<WebSocketEventMap[K]>((resolve) => socket.addEventListener(type, resolve, { once: true }));
  await next("open");
  for (const text of ["hello", "x".repeat(100_000)]) {
    const message = next("message");
    socket.send(text);
    assertEquals((await message).data, `echo ${text}`);
  }
  const closed = next("close");
  socket.close(1000);
  assertEquals((await closed).code, 1000);
  await stopped(app);
});

Deno.test({
  name: "curl sees each name's certificate, and the new one once the files change",
  ignore: withoutOpenssl || isMissing("curl"),
  fn: async () => {
    await using certificates = await makeCertificates();
    const shop = await certificates.issue("shop", "shop", ["DNS:shop.test"]);
    const blog = await certificates.issue("blog", "blog", ["DNS:blog.test"]);
    const pair = ({ certificate, privateKey }: typeof shop) =>
      `{ certificate: "${certificate}", privateKey: "${privateKey}" }`;
    await using scene = new Scene(`name: front
services:
  inner:
    plugin: http
    options:
      listen: "unix:${certificates.directory}/inner.sock"
      routes: [{ respond: "inner" }]
  back:
    plugin: http
    needs: [inner]
    options:
      listen: { tls: 0, interface: 127.0.0.1, certificates: [${pair(shop)}, ${pair(blog)}] }
      hsts: 1d
      routes: [{ proxy: "unix:${certificates.directory}/inner.sock" }]
`);
    await using app = scene.serve();
    const port = await app.port("back");
    const ask = (name: string) =>
      curl(
        ...["-v", "--stderr", "-", "--cacert", certificates.authority],
        ...["--resolve", `${name}:${port}:127.0.0.1`, `https://${name}:${port}/`],
      );
    assertStringIncludes(await ask("shop.test"), "subject: CN=shop\n");
    const told = await ask("blog.test");
    assertStringIncludes(told, "subject: CN=blog\n");
    assertStringIncludes(told, "strict-transport-security: max-age=86400");
    assert(told.includes("inner"), told);

    const caCerts = [await Deno.readTextFile(certificates.authority)];
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    const session = await Deno.startTls(tcp, { hostname: "blog.test", caCerts });
    const request = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: blog.test\r\n\r\n");
    const answer = async () => {
      await session.write(request);
      const buffer = new Uint8Array(4096);
      return new TextDecoder().decode(buffer.subarray(0, await session.read(buffer) ?? 0));
    };
    assertStringIncludes(await answer(), "inner");
    await certificates.issue("blog", "renewed", ["DNS:blog.test"]);
    await app.record(({ message }) => String(message).startsWith("Reloaded the certificate"));
    assertStringIncludes(await ask("blog.test"), "subject: CN=renewed\n");
    assertStringIncludes(await answer(), "inner");
    session.close();
    await stopped(app);
  },
});

Deno.test({
  name: "an upstream is reached over TLS, and only with a certificate that is its own",
  ignore: withoutOpenssl || isMissing("curl"),
  fn: async () => {
    await using certificates = await makeCertificates();
    const { certificate, privateKey } = await certificates.issue("api", "api", ["DNS:api.test"]);
    await using upstream = Deno.serve({
      port: 0,
      hostname: "127.0.0.1",
      onListen: () => {},
      cert: await Deno.readTextFile(certificate),
      key: await Deno.readTextFile(privateKey),
    }, (request) => new Response(`${request.url} ${request.headers.get("x-forwarded-proto")}`));
    const { port } = upstream.addr;
    const target = (name: string) =>
      `{ to: { tls: "127.0.0.1:${port}", serverName: ${name}, authorities: "${certificates.authority}" }, host: upstream }`;
    await using scene = new Scene(`name: front
services:
  web:
    plugin: http
    options:
      listen: tcp:127.0.0.1:0
      routes:
        - { path: /other/*, proxy: ${target("other.test")} }
        - { proxy: ${target("api.test")} }
`);
    await using app = scene.serve();
    const base = `http://127.0.0.1:${await app.port("web")}`;
    assertEquals(await curl(`${base}/x`), `https://api.test:${port}/x http`);
    assertEquals(await curl(`${base}/other/x`), "Bad Gateway\n");
    const { reason } = await app.record(({ message }) => String(message).startsWith("Upstream failed"));
    assertStringIncludes(String(reason), 'certificate is not for "other.test"');
    await stopped(app);
  },
});
