import { CannotListenError } from "../../../../services/reactor/errors.ts";
import { listenFd } from "../../../../services/reactor/raw/fd_listener.ts";
import { assertEquals, assertMatch, assertRejects } from "../../../assert.ts";

const withoutPython = !hasPython();
if (withoutPython) {
  console.warn("python3 is not installed: the test of sockets passed by a parent is skipped");
}

Deno.test({
  name: "listenSystemd() listens on sockets that the parent process passed, TCP and UNIX",
  ignore: withoutPython,
  fn: async () => {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/local.sock`;
    const program = [Deno.execPath(), "run", "-A", fixture("activated_echo.ts"), "web", "local"];
    const child = new Deno.Command("python3", {
      args: [fixture("activate.py"), path, ...program],
      stdout: "piped",
    }).spawn();
    const lines = linesOf(child.stdout);

    const web = await lines.next();
    assertMatch(web.value!, /^tcp:127\.0\.0\.1:\d+$/);
    const port = Number(web.value!.split(":")[2]);
    assertEquals(await shout(await Deno.connect({ port, hostname: "127.0.0.1" })), "over TCP");
    assertEquals((await lines.next()).value, "tcp to tcp");

    assertEquals((await lines.next()).value, `unix:${path}`);
    assertEquals(await shout(await Deno.connect({ transport: "unix", path })), "over UNIX");
    assertEquals((await lines.next()).value, "unix to unix");
    assertEquals((await lines.next()).done, true);
    assertEquals((await child.status).success, true);
    await Deno.remove(directory, { recursive: true });
  },
});

Deno.test("listenFd() refuses a descriptor that is no socket", async () => {
  const error = await assertRejects(() => listenFd({ kind: "fd", fd: 973 }), CannotListenError);
  assertEquals(
    error.message,
    'Cannot listen on "fd:973": descriptor 973 is no stream socket; the parent process must open one and leave it ' +
      "to this one",
  );
});

/** Say over which transport, end, and return what is echoed. */
async function shout(conn: Deno.Conn): Promise<string> {
  await conn.write(new TextEncoder().encode(`over ${conn.remoteAddr.transport.toUpperCase()}`));
  await conn.closeWrite();
  return await new Response(conn.readable).text();
}

function fixture(name: string): string {
  return new URL(`fixtures/${name}`, import.meta.url).pathname;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = "";
  for await (
    const text of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

function hasPython(): boolean {
  try {
    return new Deno.Command("python3", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}
