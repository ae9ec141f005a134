import { assertEquals } from "../../../assert.ts";
import { ask, startHttp } from "../_scene.ts";
import { TestFolder } from "./_folder.ts";

const MODIFIED = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
const date = (seconds: number): string => new Date(seconds * 1000).toUTCString();
const [before, same, after] = [date(MODIFIED - 60), date(MODIFIED), date(MODIFIED + 60)];

Deno.test("conditions are judged in the order of RFC 9110, section 13.2.2", async () => {
  using folder = new TestFolder({ "a.txt": "hello" });
  folder.touch("a.txt", MODIFIED);
  await using app = await startHttp({ root: folder.path });
  const first = await ask(app, "/a.txt");
  const etag = first.headers.etag!;
  assertEquals(first.headers["last-modified"], same);
  const cases: [headers: Record<string, string>, status: number][] = [
    [{ "if-match": etag }, 200],
    [{ "if-match": "*" }, 200],
    [{ "if-match": `"x", ${etag}` }, 200],
    [{ "if-match": `"x,y"` }, 412],
    [{ "if-match": `W/${etag}` }, 412],
    [{ "if-unmodified-since": before }, 412],
    [{ "if-unmodified-since": same }, 200],
    [{ "if-unmodified-since": "yesterday" }, 200],
    [{ "if-match": etag, "if-unmodified-since": before }, 200],
    [{ "if-none-match": etag }, 304],
    [{ "if-none-match": `W/${etag}` }, 304],
    [{ "if-none-match": `"x", W/${etag}` }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": `"x"` }, 200],
    [{ "if-modified-since": same }, 304],
    [{ "if-modified-since": after }, 304],
    [{ "if-modified-since": before }, 200],
    [{ "if-modified-since": "Friday, 02-Jan-26 03:04:05 GMT" }, 304],
    [{ "if-modified-since": "Fri Jan  2 03:04:05 2026" }, 304],
    [{ "if-modified-since": "2026-01-02T03:04:05Z" }, 200],
    [{ "if-none-match": `"x"`, "if-modified-since": same }, 200],
    [{ "if-match": `"x"`, "if-none-match": etag }, 412],
    [{ "if-match": etag, "if-none-match": etag }, 304],
    [{ "if-match": `"x"`, range: "bytes=0-1" }, 412],
    [{ "if-none-match": etag, range: "bytes=0-1" }, 304],
    [{ range: "bytes=0-1" }, 206],
    [{ range: "bytes=0-1", "if-range": etag }, 206],
    [{ range: "bytes=0-1", "if-range": `W/${etag}` }, 200],
    [{ range: "bytes=0-1", "if-range": `"x"` }, 200],
    [{ range: "bytes=0-1", "if-range": same }, 206],
    [{ range: "bytes=0-1", "if-range": after }, 200],
    [{ range: "bytes=9-", "if-range": `"x"` }, 200],
  ];
  for (const [headers, status] of cases) {
    for (const method of status === 206 ? ["GET"] : ["GET", "HEAD"]) {
      const got = await ask(app, "/a.txt", { method, headers });
      assertEquals(got.status, status, `${method} ${JSON.stringify(headers)}`);
      if (status !== 412) assertEquals(got.headers.etag, etag);
      if (status === 304) assertEquals([got.body, got.headers["content-length"]], ["", undefined]);
    }
  }
});

Deno.test("a HEAD with a range gets what a HEAD without one gets", async () => {
  using folder = new TestFolder({ "a.txt": "hello" });
  await using app = await startHttp({ root: folder.path });
  const head = await ask(app, "/a.txt", { method: "HEAD", headers: { range: "bytes=0-1" } });
  assertEquals([head.status, head.headers["content-length"]], [200, "5"]);
});

Deno.test("the entity tag changes with the file", async () => {
  using folder = new TestFolder({ "a.txt": "hello" });
  await using app = await startHttp({ root: folder.path });
  const { etag } = (await ask(app, "/a.txt")).headers;
  folder.write("a.txt", "hullo");
  folder.touch("a.txt", MODIFIED);
  await app.advance(1_000);
  const again = await ask(app, "/a.txt", { headers: { "if-none-match": etag! } });
  assertEquals([again.status, again.body], [200, "hullo"]);
});
