import { assertEquals } from "../assert.ts";

/** How often the server is killed; `HEDDLE_KILLS=300` takes minutes. */
export const KILLS: number = Number(Deno.env.get("HEDDLE_KILLS") ?? 6);
/** Repeats a run, as far as chance is concerned. */
export const SEED: number = Number(Deno.env.get("HEDDLE_SEED") ?? Date.now() % 1_000_000);

/** What was sent, by the message's number. */
export type Sent = Map<string, { readonly size: number; acknowledged: boolean }>;

/** Send messages on one connection until it breaks; remember which got a 250. */
export async function send(
  port: number,
  recipient: string,
  next: () => { id: string; size: number },
  sent: Sent,
  goOn: (code: string) => boolean = () => true,
): Promise<void> {
  let connection: Deno.Conn;
  try {
    connection = await Deno.connect({ hostname: "127.0.0.1", port });
  } catch {
    return; // killed already
  }
  const decoder = new TextDecoder();
  let pending = "";
  const reply = async (): Promise<string> => {
    const buffer = new Uint8Array(4096);
    while (true) {
      const line = /^(\d{3}) .*\r\n/m.exec(pending);
      if (line !== null) {
        pending = pending.slice(line.index + line[0].length);
        return line[1]!;
      }
      const size = await connection.read(buffer);
      if (size === null) throw new Error("over");
      pending += decoder.decode(buffer.subarray(0, size), { stream: true });
    }
  };
  const write = async (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  };
  try {
    await reply();
    await write("EHLO c\r\n");
    await reply();
    for (let code = "250"; goOn(code);) {
      const { id, size } = next();
      sent.set(id, { size, acknowledged: false });
      await write(`MAIL FROM:<a@b>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`);
      for (const expected of ["250", "250", "354"]) assertEquals(await reply(), expected);
      await write(
        `X-Number: ${id}\r\n\r\n${"0123456789abcde\r\n".repeat(Math.ceil(size / 17))}end ${id}\r\n.\r\n`,
      );
      code = await reply();
      if (code === "250") sent.get(id)!.acknowledged = true;
    }
  } catch (error) {
    if (error instanceof Error && error.name === "AssertionError") throw error;
  } finally {
    connection.close();
  }
}

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

/** Mounts a small file system at `path`; null where that is not allowed. */
export function mountTmpfs(path: string): Disposable | null {
  const mount = (...args: string[]) =>
    new Deno.Command(args[0]!, { args: args.slice(1), stderr: "null" }).outputSync().success;
  Deno.mkdirSync(path, { recursive: true });
  if (!isRoot || !mount("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", path)) {
    console.warn("a file system cannot be mounted here: the test of a full disk is skipped");
    return null;
  }
  return { [Symbol.dispose]: () => void mount("umount", "-l", path) };
}
