import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { acceptedCodings, type Coding } from "../../../../plugins/http/compress/accept_encoding.ts";
import { isCompressible } from "../../../../plugins/http/compress/compressible.ts";
import { assert, assertEquals, assertNotEquals } from "../../../assert.ts";
import { ask, type Got, startHttp } from "../_scene.ts";
import { TestFolder } from "../files/_folder.ts";

const plain = new URL("../fixtures/plain.ts", import.meta.url).pathname;

function decoded({ headers, body }: Got): string {
  const bytes = Uint8Array.from(body, (character) => character.charCodeAt(0));
  const decode = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync }[
    headers["content-encoding"] as "br"
  ];
  return new TextDecoder().decode(decode === undefined ? bytes : decode(bytes));
}

Deno.test("acceptedCodings() reads what clients send", () => {
  const cases: [field: string | null, codings: Coding[]][] = [
    [null, []],
    ["", []],
    ["gzip, deflate, br, zstd", ["br", "zstd", "gzip"]],
    ["gzip", ["gzip"]],
    ["x-gzip", ["gzip"]],
    ["GZIP;q=0.5, br;q=0.4", ["gzip", "br"]],
    ["br;q=0, gzip", ["gzip"]],
    ["*", ["br", "zstd", "gzip"]],
    ["*;q=0.5, br;q=0", ["zstd", "gzip"]],
    ["identity", []],
    ["identity;q=1, gzip;q=0.5", []],
    ["identity;q=0, gzip;q=0.5", ["gzip"]],
    ["gzip;q=nonsense", []],
    ["gzip;q=2", []],
  ];
  for (const [field, codings] of cases) assertEquals(acceptedCodings(field), codings, String(field));
});

Deno.test("isCompressible() tells text from what is compressed already", () => {
  const yes = [
    "text/html",
    "text/css;charset=utf-8",
    "application/json",
    "image/svg+xml",
    "application/wasm",
  ];
  const no = ["image/png", "video/mp4", "application/zip", "text/event-stream", "font/woff2", ""];
  assertEquals([yes.filter(isCompressible), no.filter(isCompressible)], [yes, []]);
});

Deno.test("compress: replies of handlers, whole and streamed, in what the client likes", async () => {
  await using app = await startHttp({ routes: [{ handler: plain, compress: true }] });
  const identity = await ask(app, "/tagged");
  assertEquals([identity.headers["content-encoding"], identity.headers.vary], [undefined, "accept-encoding"]);
  const tags = new Set([identity.headers.etag]);
  for (const coding of ["br", "gzip", "zstd"]) {
    const whole = await ask(app, "/tagged", { headers: { "accept-encoding": coding } });
    assertEquals([whole.headers["content-encoding"], whole.headers.vary], [coding, "accept-encoding"]);
    assertEquals(decoded(whole), identity.body);
    assert(whole.body.length < 200);
    tags.add(whole.headers.etag);
    const known = await ask(app, "/tagged", {
      headers: { "accept-encoding": coding, "if-none-match": whole.headers.etag! },
    });
    assertEquals([known.status, known.headers.etag, known.body], [304, whole.headers.etag, ""]);
    const streamed = await ask(app, "/stream", { headers: { "accept-encoding": coding } });
    assertEquals(streamed.headers["content-encoding"], coding);
    assertEquals(decoded(streamed), (await ask(app, "/stream")).body);
  }
  assertEquals(tags.size, 4, "every form has a tag of its own");
});

Deno.test("compress leaves alone what is small, no text, refused, or compressed already", async () => {
  const long = "x".repeat(5000);
  const headers = (fields: Record<string, string>) => ({ "content-type": "text/plain", ...fields });
  await using app = await startHttp({
    compress: true,
    routes: [
      { path: "/small", respond: "x" },
      { path: "/png", respond: { body: long, headers: { "content-type": "image/png" } } },
      { path: "/asis", respond: { body: long, headers: headers({ "cache-control": "no-transform" }) } },
      { path: "/done", respond: { body: long, headers: headers({ "content-encoding": "gzip" }) } },
      { path: "/off", respond: long, compress: false },
    ],
  });
  for (const path of ["/small", "/png", "/asis", "/off"]) {
    const got = await ask(app, path, { headers: { "accept-encoding": "br" } });
    assertEquals(got.headers["content-encoding"], undefined, path);
  }
  const done = await ask(app, "/done", { headers: { "accept-encoding": "br" } });
  assertEquals([done.headers["content-encoding"], done.body], ["gzip", long]);
});

const LONG = "body { color: red }\n".repeat(200);

Deno.test("files: compressed siblings are sent to who takes them", async () => {
  using folder = new TestFolder({
    "a.css": LONG,
    "a.css.br": "brotli",
    "a.css.gz": "gzip",
    "b.css": LONG,
    "b.css.br": "stale",
    "c.png": LONG,
    "c.png.br": "not of text",
  });
  folder.touch("b.css.br", 1_000_000_000);
  await using app = await startHttp({ root: folder.path });
  const get = (path: string, coding: string, more = {}) =>
    ask(app, path, { headers: { "accept-encoding": coding, ...more } });
  const [br, gzip, zstd] = [
    await get("/a.css", "gzip, br"),
    await get("/a.css", "gzip"),
    await get("/a.css", "zstd"),
  ];
  assertEquals([br.body, gzip.body, zstd.body], ["brotli", "gzip", LONG]);
  assertEquals([br, gzip, zstd].map(({ headers }) => headers["content-encoding"]), ["br", "gzip", undefined]);
  for (const { headers } of [br, gzip, zstd]) {
    assertEquals([headers.vary, headers["content-type"]], ["accept-encoding", "text/css;charset=utf-8"]);
  }
  assertNotEquals(br.headers.etag, gzip.headers.etag);
  const known = await get("/a.css", "gzip, br", { "if-none-match": br.headers.etag! });
  assertEquals([known.status, known.headers.vary], [304, "accept-encoding"]);
  assertEquals((await get("/a.css", "gzip", { "if-none-match": br.headers.etag! })).status, 200);
  const part = await get("/a.css", "br", { range: "bytes=0-2", "if-range": br.headers.etag! });
  assertEquals([part.status, part.body, part.headers["content-encoding"]], [206, "bro", "br"]);
  assertEquals((await get("/b.css", "br")).body, LONG, "it is older than the file");
  const image = await get("/c.png", "br");
  assertEquals([image.body, image.headers.vary], [LONG, undefined]);
});

Deno.test("files: compress makes the forms that are not there", async () => {
  using folder = new TestFolder({
    "a.css": LONG,
    "a.css.gz": "gzip",
    "tiny.css": "x",
    "large.txt": LONG.repeat(100),
  });
  await using app = await startHttp({ root: folder.path, compress: true });
  for (const [path, content] of [["/a.css", LONG], ["/large.txt", LONG.repeat(100)]] as const) {
    const plain = await ask(app, path);
    const made = await ask(app, path, { headers: { "accept-encoding": "br" } });
    assertEquals([made.headers["content-encoding"], decoded(made)], ["br", content]);
    assertEquals(made.headers.etag, plain.headers.etag!.replace(/"$/, '-br"'));
    assertEquals(made.headers["content-length"], String(made.body.length));
    const again = await ask(app, path, {
      headers: { "accept-encoding": "br", "if-none-match": made.headers.etag! },
    });
    assertEquals(again.status, 304);
  }
  assertEquals((await ask(app, "/a.css", { headers: { "accept-encoding": "gzip" } })).body, "gzip");
  assertEquals((await ask(app, "/tiny.css", { headers: { "accept-encoding": "br" } })).body, "x");
});
