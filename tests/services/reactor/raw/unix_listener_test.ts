import { Clock } from "../../../../services/async/clock.ts";
import { CannotListenError } from "../../../../services/reactor/errors.ts";
import type { RawListener } from "../../../../services/reactor/raw.ts";
import { listenUnix } from "../../../../services/reactor/raw/unix_listener.ts";
import { assertEquals, assertRejects } from "../../../assert.ts";

const clock = new Clock();

function listen(path: string, mode = 0o660): Promise<RawListener> {
  return listenUnix({ kind: "unix", path, mode }, clock);
}

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "raw" });
  try {
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name);
}

function messageOf(listening: Promise<RawListener>): Promise<string> {
  return assertRejects(() => listening, CannotListenError).then((error) => error.message);
}

Deno.test("listenUnix() accepts, and knows its path from both ends", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/a.sock`;
    const listener = await listen(path);
    assertEquals(listener.host, { transport: "unix", path });
    const [server, client] = await Promise.all([
      listener.accept(),
      Deno.connect({ transport: "unix", path }),
    ]);
    assertEquals(server.host, { transport: "unix", path });
    assertEquals(server.peer, { transport: "unix", path: "" });
    server.setNoDelay(true);
    server.close();
    client.close();
    listener.close();
  }));

Deno.test("listenUnix() gives the file its mode, whatever the umask, and removes it when it closes", () =>
  inDirectory(async (directory) => {
    const umask = Deno.umask(0o077);
    try {
      const listener = await listen(`${directory}/a.sock`, 0o666);
      assertEquals(Deno.lstatSync(`${directory}/a.sock`).mode! & 0o777, 0o666);
      assertEquals(names(directory), ["a.sock"]);
      listener.close();
      listener.close();
      assertEquals(names(directory), []);
    } finally {
      Deno.umask(umask);
    }
  }));

Deno.test("listenUnix() takes over the socket of a process that is gone", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/a.sock`;
    const left = new Deno.Command("python3", {
      args: ["-c", "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path],
    });
    await left.output();
    assertEquals(names(directory), ["a.sock"]);
    const listener = await listen(path);
    (await Deno.connect({ transport: "unix", path })).close();
    listener.close();
  }));

Deno.test("listenUnix() refuses a socket that somebody answers, and leaves it alone", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/a.sock`;
    const first = await listen(path);
    assertEquals(
      await messageOf(listen(path)),
      `Cannot listen on "unix:${path}": socket in use; stop the other program or choose another path`,
    );
    (await Deno.connect({ transport: "unix", path })).close();
    first.close();
  }));

Deno.test("listenUnix() does not remove a successor's socket", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/a.sock`;
    const first = await listen(path);
    Deno.removeSync(path);
    const second = await listen(path);
    first.close();
    assertEquals(names(directory), ["a.sock"]);
    second.close();
  }));

Deno.test("listenUnix() refuses what is no socket, no directory, or too long", () =>
  inDirectory(async (directory) => {
    const file = `${directory}/file`;
    Deno.writeTextFileSync(file, "precious");
    assertEquals(
      await messageOf(listen(file)),
      `Cannot listen on "unix:${file}": file exists and is no socket; remove it or choose another path`,
    );
    assertEquals(Deno.readTextFileSync(file), "precious");
    assertEquals(
      await messageOf(listen(`${directory}/no/a.sock`)),
      `Cannot listen on "unix:${directory}/no/a.sock": directory "${directory}/no" not found; create it first`,
    );
    const room = 107 - `.${Deno.pid}`.length;
    const long = `/tmp/${"x".repeat(120)}`;
    assertEquals(
      await messageOf(listen(long)),
      `Cannot listen on "unix:${long}": path is longer than ${room} bytes`,
    );
    assertEquals(names(directory), ["file"]);
  }));
