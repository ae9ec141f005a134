import { assertEquals, assertMatch } from "../assert.ts";
import { denoArguments, LineReader } from "../support/heddle_process.ts";
import { canMakeNetworks, type Network, TwoHosts } from "../support/two_hosts.ts";

const PEER = new URL("./fixtures/zeroconf_peer.py", import.meta.url).pathname;
const PYTHON = "/usr/bin/python3";

/** The application on the first host: it tells of `web`, and looks for `_test._tcp`. */
const APPLICATION = `
services:
  registry:
    plugin: discovery
    options:
      node: here
      dns: { listen: "127.0.0.1:5354" }
      dnsSd:
        publish: { web: { type: _http._tcp, name: NAME, txt: { path: /start } } }
        browse: { peer: _test._tcp }
  web: { plugin: echo, options: { listen: "tcp:0.0.0.0:8080" } }
`;

function hasZeroconf(): boolean {
  try {
    const found =
      new Deno.Command(PYTHON, { args: ["-c", "import zeroconf"], stderr: "null" }).outputSync().success;
    if (!found) console.warn("Tests with a peer of multicast DNS are skipped: install python3-zeroconf");
    return found;
  } catch {
    return false;
  }
}

/** A process on a host, ended with the test. */
class Running implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly stdout: LineReader;
  readonly stderr: LineReader;

  constructor(host: Network, command: string, args: readonly string[], env: Record<string, string> = {}) {
    this.child = host.command(command, args, {
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { HEDDLE_CONTROL: "off", ...env },
    }).spawn();
    this.stdout = new LineReader("stdout", this.child.stdout);
    this.stderr = new LineReader("stderr", this.child.stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stdin.close().catch(() => {});
    try {
      this.child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await Promise.all([this.child.status, this.stdout.ended, this.stderr.ended]);
  }
}

function peer(host: Network, name: string, type: string, port: string, browsed: string): Running {
  return new Running(host, PYTHON, [PEER, host.address, name, type, port, browsed]);
}

async function served(host: Network, folder: string, name: string): Promise<Running> {
  await Deno.writeTextFile(`${folder}/app.yaml`, APPLICATION.replace("NAME", JSON.stringify(name)));
  const app = new Running(host, Deno.execPath(), denoArguments(["serve", `${folder}/app.yaml`]));
  await app.stderr.line((line) => line.includes("Application ready"));
  return app;
}

async function dig(host: Network, name: string, type: string): Promise<string> {
  const { stdout } = await host.command("dig", ["+short", "-p", "5354", "@127.0.0.1", name, type]).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: "a peer on the network finds what is published, is found, and hears goodbye",
  ignore: !canMakeNetworks() || !hasZeroconf(),
  async fn() {
    await using hosts = await TwoHosts.make();
    const folder = await Deno.makeTempDir();
    try {
      await using other = peer(hosts.second, "Peer", "_test._tcp", "4711", "_http._tcp");
      await other.stdout.line((line) => line === "registered");
      const app = await served(hosts.first, folder, "Shop");
      await using _ = app;
      const found = await other.stdout.line((line) => line.startsWith("found"));
      assertEquals(found, `found Shop ${hosts.first.address}:8080 path=/start`);

      let srv = "";
      for (let tries = 0; srv === "" && tries < 100; tries++) {
        srv = await dig(hosts.first, "peer.heddle.test", "SRV");
      }
      assertMatch(srv, /^0 1 4711 10-77-\d+-2\.ip4\.heddle\.test\.$/);
      assertMatch(await dig(hosts.first, "peer.heddle.test", "TXT"), /"path=\/peer"/);

      app.child.kill("SIGTERM");
      assertEquals((await app.child.status).code, 0);
      assertEquals(await other.stdout.line((line) => line.startsWith("gone")), "gone Shop");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a name that a peer has already becomes another one, and the peer keeps its own",
  ignore: !canMakeNetworks() || !hasZeroconf(),
  async fn() {
    await using hosts = await TwoHosts.make();
    const folder = await Deno.makeTempDir();
    try {
      await using other = peer(hosts.second, "Shop", "_http._tcp", "4711", "_http._tcp");
      await other.stdout.line((line) => line === "registered");
      await using _ = await served(hosts.first, folder, "Shop");
      const found = await other.stdout.line((line) => line.startsWith("found") && line.includes("8080"));
      assertEquals(found, `found Shop #2 ${hosts.first.address}:8080 path=/start`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
