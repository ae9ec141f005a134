import { assert, assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene } from "./_scene.ts";

const MEGABYTES = 100;

/** The most memory that a process has had, in megabytes. */
function peakMemory(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]) / 1024;
}

Deno.test({
  name:
    `a message of ${MEGABYTES} MB goes into a mailbox, the queue and the next server, and never into memory`,
  ignore: Deno.build.os !== "linux",
  async fn() {
    using next = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using scene = new Scene(`name: mail
services:
  smtp:
    plugin: smtp
    options:
      listen: tcp:127.0.0.1:0
      hostname: mx.test
      domains: [here.test]
      catchAll: inbox
      trusted: [127.0.0.1]
      deliver: { maildir: mail }
      limits: { messageSize: 200MB }
      relay: { queue: queue, smarthost: "tcp:127.0.0.1:${next.addr.port}" }
`);
    await using app = scene.serve();
    using client = await TextConn.connect(`tcp:127.0.0.1:${await app.port("smtp")}`);
    await client.send("EHLO c\r\n");
    const block = new TextEncoder().encode("0123456789abcde\r\n".repeat(61_680));
    const pass = async (megabytes: number) => {
      await client.send("MAIL FROM:<a@b>\r\nRCPT TO:<x@here.test>\r\nRCPT TO:<y@there.test>\r\nDATA\r\n");
      while (!(await client.line()).startsWith("354")) { /* the replies before it */ }
      for (let i = 0; i < megabytes; i++) await client.send(block);
      await client.send(".\r\n");
      assertEquals((await client.line()).slice(0, 9), "250 2.0.0");
      assert(await heard(next) > megabytes * block.length);
    };
    // What is needed for any large message has been needed then.
    await pass(MEGABYTES / 5);
    const before = peakMemory(app.pid);
    await pass(MEGABYTES);
    const sizes = [...Deno.readDirSync(`${scene.folder}/mail/inbox/new`)]
      .map(({ name }) => Deno.statSync(`${scene.folder}/mail/inbox/new/${name}`).size);
    assert(Math.max(...sizes) > MEGABYTES * block.length);
    const grown = peakMemory(app.pid) - before;
    // How many used buffers wait for the collector depends on how busy the machine is: up to some forty megabytes.
    assert(grown < MEGABYTES * 0.6, `memory has grown by ${grown.toFixed(0)} MB`);
  },
});

/** Be the next server for one message; how many octets came. */
async function heard(listener: Deno.TcpListener): Promise<number> {
  using connection = await listener.accept();
  const buffer = new Uint8Array(256 * 1024);
  const say = (text: string) => connection.write(new TextEncoder().encode(text));
  let octets = 0;
  let tail = "";
  await say("220 next.test\r\n");
  while (true) {
    const size = (await connection.read(buffer))!;
    octets += size;
    tail = (tail + new TextDecoder().decode(buffer.subarray(Math.max(0, size - 100), size))).slice(-100);
    if (tail.endsWith("\r\n.\r\n")) break;
    if (octets < 1000 && tail.endsWith("\r\n")) {
      await say(/DATA\r\n$/.test(tail) ? "354 go\r\n" : "250 ok\r\n");
    }
  }
  await say("250 taken\r\n");
  return octets;
}
