import { parseRanges } from "../../../../plugins/http/files/byte_ranges.ts";
import { assertEquals } from "../../../assert.ts";
import { ask, startHttp } from "../_scene.ts";
import { TestFolder } from "./_folder.ts";

const text = "0123456789";

Deno.test("a single range: from, to, the last; 416 when nothing of it is there", async () => {
  using folder = new TestFolder({ "a.txt": text });
  await using app = await startHttp({ root: folder.path });
  const cases: [range: string, status: number, body: string, contentRange?: string][] = [
    ["bytes=0-0", 206, "0", "bytes 0-0/10"],
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=7-", 206, "789", "bytes 7-9/10"],
    ["bytes=-3", 206, "789", "bytes 7-9/10"],
    ["bytes=-99", 206, text, "bytes 0-9/10"],
    ["bytes=8-99999999", 206, "89", "bytes 8-9/10"],
    ["Bytes=0-1", 206, "01", "bytes 0-1/10"],
    ["bytes=0-1,2-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=0-4, 2-6", 206, "0123456", "bytes 0-6/10"],
    ["bytes=20-30,0-1", 206, "01", "bytes 0-1/10"],
    ["bytes=10-", 416, "Range Not Satisfiable\n", "bytes */10"],
    ["bytes=-0", 416, "Range Not Satisfiable\n", "bytes */10"],
    ["bytes=10-20,30-", 416, "Range Not Satisfiable\n", "bytes */10"],
    ["bytes=4-2", 200, text],
    ["bytes=", 200, text],
    ["bytes=a-b", 200, text],
    ["bytes=-", 200, text],
    ["lines=1-2", 200, text],
    [`bytes=${"0-0,".repeat(60)}5-6`, 200, text],
    ["bytes=9999999999999999999-", 200, text],
  ];
  for (const [range, status, body, contentRange] of cases) {
    const got = await ask(app, "/a.txt", { headers: { range } });
    assertEquals([got.status, got.body, got.headers["content-range"]], [status, body, contentRange], range);
    assertEquals(got.headers["content-length"], String(body.length), range);
    if (status !== 416) assertEquals(got.headers["accept-ranges"], "bytes");
  }
});

for (const size of [10, 300_000]) {
  Deno.test(`several ranges of ${size} bytes are sent as multipart/byteranges`, async () => {
    const content = text.repeat(size / 10);
    using folder = new TestFolder({ "a.txt": content });
    await using app = await startHttp({ root: folder.path });
    const { status, headers, body } = await ask(app, "/a.txt", { headers: { range: "bytes=0-1,5-6,-1" } });
    const [, boundary] = /^multipart\/byteranges; boundary=(.+)$/.exec(headers["content-type"]!)!;
    const part = (range: string, octets: string) =>
      `\r\n--${boundary}\r\ncontent-type: text/plain;charset=utf-8\r\ncontent-range: bytes ${range}/${size}\r\n\r\n${octets}`;
    assertEquals(status, 206);
    assertEquals(
      body,
      part("0-1", "01") + part("5-6", "56") + part(`${size - 1}-${size - 1}`, "9") +
        `\r\n--${boundary}--\r\n`,
    );
    assertEquals(headers["content-length"], String(body.length));
    assertEquals(headers["content-range"], undefined);
  });
}

Deno.test("a range of a large file is read from its place", async () => {
  const content = Uint8Array.from({ length: 700_000 }, (_, at) => at % 251);
  using folder = new TestFolder({ "a.bin": content });
  await using app = await startHttp({ root: folder.path });
  const { body } = await ask(app, "/a.bin", { headers: { range: "bytes=123456-654321" } });
  assertEquals(
    Uint8Array.from(body, (character) => character.charCodeAt(0)),
    content.subarray(123_456, 654_322),
  );
});

Deno.test("parseRanges() joins ranges that meet, in the order in which they were asked for", () => {
  const ranges = (field: string) => parseRanges(field, 100)?.map(({ start, end }) => `${start}-${end}`);
  assertEquals(ranges("bytes=50-59,10-19,20-29"), ["50-60", "10-30"]);
  assertEquals(ranges("bytes=0-9,20-29,5-24"), ["0-30"]);
  assertEquals(parseRanges("bytes=-5", 0), []);
});
