import { assertEquals, assertStringIncludes } from "../assert.ts";
import { makeCertificates } from "../support/certificates.ts";
import { denoArguments, LineReader } from "../support/heddle_process.ts";
import { isMissing, runProgram } from "../support/programs.ts";
import { TextConn } from "../support/text_conn.ts";
import { PLUGINS, Scene } from "./_scene.ts";

function echo(listen: string): string {
  return `services: { echo: { plugin: echo, options: { listen: "${listen}", udp: "udp:127.0.0.1:0" } } }\n`;
}

Deno.test({
  name: "nc talks to echo over TCP and UDP",
  ignore: isMissing("nc"),
  async fn() {
    await using scene = new Scene(echo("tcp:127.0.0.1:0"));
    await using app = scene.serve();
    const [tcp, udp] = (await app.endpoints("echo")).map((endpoint) => endpoint.split(":").at(-1)!);
    const overTcp = await runProgram("nc", ["-N", "127.0.0.1", tcp!], "hello\n");
    assertEquals(overTcp, { code: 0, stdout: "hello\n", stderr: "" });
    const overUdp = await runProgram("nc", ["-u", "-W", "1", "127.0.0.1", udp!], "hello\n");
    assertEquals(overUdp.stdout, "hello\n");
  },
});

Deno.test({
  name: "socat talks to echo over a UNIX socket, whose file is gone after the stop",
  ignore: isMissing("socat"),
  async fn() {
    await using scene = new Scene(echo("unix:echo.sock"));
    await using app = scene.serve();
    await app.ready();
    const path = `${scene.folder}/echo.sock`;
    const { stdout } = await runProgram("socat", ["-", `UNIX-CONNECT:${path}`], "hello\n");
    assertEquals(stdout, "hello\n");
    app.kill("SIGTERM");
    assertEquals(await app.ended(), 0);
    assertEquals([...Deno.readDirSync(scene.folder)].map(({ name }) => name), ["app.yaml"]);
  },
});

Deno.test({
  name: "openssl s_client talks to echo over TLS, and verifies its certificate",
  ignore: isMissing("openssl"),
  async fn() {
    await using certificates = await makeCertificates();
    const { certificate, privateKey } = await certificates.issue("server", "localhost");
    await using scene = new Scene(
      echo(`tls:127.0.0.1:0:certificate=${certificate}:privateKey=${privateKey}:alpn=echo`),
    );
    await using app = scene.serve();
    const { code, stdout, stderr } = await runProgram(
      "openssl",
      [
        ...["s_client", "-connect", `127.0.0.1:${await app.port("echo")}`, "-servername", "localhost"],
        ...["-CAfile", certificates.authority, "-verify_return_error", "-alpn", "echo"],
      ],
      "hello\n",
      "hello",
    );
    assertStringIncludes(stdout, "Verify return code: 0 (ok)", stderr);
    assertStringIncludes(stdout, "ALPN protocol: echo");
    assertEquals(code, 0);
  },
});

Deno.test("a PROXY header names the peer, and what comes without one is not served", async () => {
  await using scene = new Scene(
    `services: { who: { plugin: ${PLUGINS}whoami.ts, options: { listen: "haproxy:tcp:127.0.0.1:0" } } }\n`,
  );
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("who");
  using proxied = await TextConn.connect(endpoint!);
  await proxied.send("PROXY TCP4 203.0.113.7 127.0.0.1 40000 80\r\n");
  assertEquals(await proxied.rest(), "tcp:203.0.113.7:40000\n");
  using plain = await TextConn.connect(endpoint!);
  await plain.send("GET / HTTP/1.1\r\n\r\n");
  assertEquals(await plain.rest(), "");
});

/** What a service manager does: passes a listening socket as descriptor 3 to the program that it becomes. */
const ACTIVATE = `
import os, socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
sys.stdin.readline()
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="echo")
os.execvp(sys.argv[1], sys.argv[1:])
`;

Deno.test({
  name: "a socket that a service manager passes is served, with those who came before",
  ignore: isMissing("python3"),
  async fn() {
    await using scene = new Scene(
      `services: { echo: { plugin: echo, options: { listen: "systemd:name=echo" } } }\n`,
    );
    const child = new Deno.Command("python3", {
      args: ["-c", ACTIVATE, Deno.execPath(), ...denoArguments(["serve", "app.yaml"])],
      cwd: scene.folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const [stdout, stderr] = [
      new LineReader("stdout", child.stdout),
      new LineReader("stderr", child.stderr),
    ];
    const port = await stdout.line(() => true);
    using early = await TextConn.connect(`tcp:127.0.0.1:${port}`);
    await early.send("first\n");
    await child.stdin.getWriter().close();
    assertEquals(await early.line(), "first", stderr.text);
    using late = await TextConn.connect(`tcp:127.0.0.1:${port}`);
    await late.send("second\n");
    assertEquals(await late.line(), "second");
    await stderr.line((line) => line.includes("Application ready"));
    child.kill("SIGTERM");
    await Promise.all([stdout.ended, stderr.ended]);
    assertEquals((await child.status).code, 0, stderr.text);
  },
});
