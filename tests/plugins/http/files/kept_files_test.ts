import { assertEquals } from "../../../assert.ts";
import { ask, requestText, startHttp } from "../_scene.ts";
import { TestFolder } from "./_folder.ts";

const SIZE = 1_000_000;

/** A large file of octets that tell where they stand. */
function content(seed: number): Uint8Array {
  return Uint8Array.from({ length: SIZE }, (_, at) => (at >> 8) * 31 + at + seed);
}

function octets(body: string): Uint8Array {
  return Uint8Array.from(body, (character) => character.charCodeAt(0));
}

Deno.test("a large file that is asked for again and again stays the same, in whole and in parts", async () => {
  const expected = content(0);
  using folder = new TestFolder({ "a.bin": expected });
  await using app = await startHttp({ root: folder.path });
  for (let times = 0; times < 4; times++) {
    assertEquals(octets((await ask(app, "/a.bin")).body), expected, `time ${times}`);
  }
  const part = await ask(app, "/a.bin", { headers: { range: "bytes=100-899999" } });
  assertEquals([part.status, octets(part.body)], [206, expected.subarray(100, 900_000)]);
});

Deno.test("a large file that changes is sent as it is now", async () => {
  using folder = new TestFolder({ "a.bin": content(0) });
  await using app = await startHttp({ root: folder.path });
  for (let times = 0; times < 3; times++) await ask(app, "/a.bin");
  folder.write("a.bin", content(7));
  folder.touch("a.bin", 1_000_000_000);
  await app.advance(1_000);
  assertEquals(octets((await ask(app, "/a.bin")).body), content(7));
});

Deno.test("clients that leave while a kept file is sent leave nothing behind", async () => {
  using folder = new TestFolder({ "a.bin": content(0) });
  await using app = await startHttp({ root: folder.path });
  for (let times = 0; times < 3; times++) await ask(app, "/a.bin");
  for (let times = 0; times < 3; times++) {
    const client = await app.connect();
    client.transport.pauseProducing();
    await client.send(requestText("/a.bin"));
    client.transport.abortConnection();
  }
  assertEquals(octets((await ask(app, "/a.bin")).body), content(0));
  assertEquals(await app.stop(), []);
});
