import { assert, assertEquals, assertFalse, assertRejects, assertStringIncludes } from "../../../assert.ts";
import { ask, requestText, startHttp } from "../_scene.ts";
import { TestFolder } from "./_folder.ts";

Deno.test("root alone serves a folder", async () => {
  using folder = new TestFolder({ "index.html": "<p>Hello", "a/b.css": "p {}" });
  await using app = await startHttp({ root: folder.path });
  const page = await ask(app, "/");
  assertEquals([page.status, page.body, page.headers["content-type"]], [
    200,
    "<p>Hello",
    "text/html;charset=utf-8",
  ]);
  assertEquals((await ask(app, "/index.html")).body, "<p>Hello");
  const style = await ask(app, "/a/b.css?v=1");
  assertEquals([style.body, style.headers["content-type"]], ["p {}", "text/css;charset=utf-8"]);
  assertEquals(style.headers["x-content-type-options"], "nosniff");
});

Deno.test("a route's own part of the path is not looked for in the folder", async () => {
  using folder = new TestFolder({ "a.txt": "a", "index.html": "i", "robots.txt": "r" });
  await using app = await startHttp({
    routes: [{ path: "/x/robots.txt", files: folder.path }, { path: "/docs/*", files: folder.path }],
  });
  assertEquals((await ask(app, "/docs/a.txt")).body, "a");
  assertEquals((await ask(app, "/docs/")).body, "i");
  assertEquals((await ask(app, "/x/robots.txt")).body, "r");
  const bare = await ask(app, "/docs?q=1");
  assertEquals([bare.status, bare.headers.location], [301, "./docs/?q=1"]);
});

Deno.test("files have the media types that browsers expect", async () => {
  const expected = {
    "a.html": "text/html;charset=utf-8",
    "a.js": "text/javascript;charset=utf-8",
    "a.mjs": "text/javascript;charset=utf-8",
    "a.json": "application/json",
    "a.svg": "image/svg+xml;charset=utf-8",
    "a.wasm": "application/wasm",
    "a.woff2": "font/woff2",
    "a.PNG": "image/png",
    "a.mp4": "video/mp4",
    "a.webp": "image/webp",
    "a.webmanifest": "application/manifest+json;charset=utf-8",
    "a.unheard-of": "application/octet-stream",
    "plain": "application/octet-stream",
  };
  using folder = new TestFolder(Object.fromEntries(Object.keys(expected).map((name) => [name, "x"])));
  await using app = await startHttp({ root: folder.path });
  for (const [name, type] of Object.entries(expected)) {
    assertEquals((await ask(app, `/${name}`)).headers["content-type"], type, name);
  }
});

Deno.test("a folder without its slash is a relative redirect, also when its name looks like a scheme", async () => {
  using folder = new TestFolder({ "a b/index.html": "x", "http:/index.html": "x" });
  await using app = await startHttp({ root: folder.path });
  for (
    const [path, location] of [["/a%20b?x=1", "./a%20b/?x=1"], ["/http:", "./http:/"], [
      "//a%20b",
      "./a%20b/",
    ]]
  ) {
    const { status, headers } = await ask(app, path!);
    assertEquals([status, headers.location], [301, location], path);
  }
  assertEquals((await ask(app, "/a%20b/")).body, "x");
  assertEquals((await ask(app, "/a%20b/index.html/")).status, 404);
});

Deno.test("what is hidden, outside, or no file is not there", async () => {
  using outside = new TestFolder({ "secret.txt": "secret" });
  using folder = new TestFolder({
    "index.html": "x",
    ".env": "secret",
    ".git/config": "secret",
    "a/.htpasswd": "secret",
    ".well-known/security.txt": "seen",
    "sub/file.txt": "file",
  });
  Deno.symlinkSync(outside.path, `${folder.path}/out`);
  Deno.symlinkSync(`${outside.path}/secret.txt`, `${folder.path}/out.txt`);
  Deno.symlinkSync("../../../../../../../../../etc/passwd", `${folder.path}/passwd`);
  Deno.symlinkSync("loop", `${folder.path}/loop`);
  Deno.symlinkSync("sub/file.txt", `${folder.path}/in.txt`);
  await new Deno.Command("mkfifo", { args: [`${folder.path}/fifo`] }).output();
  await using app = await startHttp({ root: folder.path });
  const absent = [
    ...["/.env", "/.git/config", "/a/.htpasswd", "/%2eenv", "/.git/", "/..%2f", "/../../etc/passwd"],
    ...[
      "/%2e%2e/%2e%2e/etc/passwd",
      "/..%2f..%2fetc%2fpasswd",
      "/..%5c..%5cetc/passwd",
      "/%c0%ae%c0%ae/etc/passwd",
    ],
    ...[
      "/....//....//etc/passwd",
      "/sub/..%2f..%2fetc/passwd",
      "/%252e%252e/etc/passwd",
      "/sub%00.txt",
      "/%ff",
    ],
    ...["/out/secret.txt", "/out.txt", "/passwd", "/loop", "/fifo", "//etc/passwd", "/etc/passwd"],
    ...[`/${"a".repeat(300)}`, `/${"a/".repeat(3000)}`, "/index.html/x", "/sub\\file.txt%5c"],
  ];
  for (const path of absent) {
    const { status, body } = await ask(app, path);
    assertEquals(status, 404, path);
    assertFalse(body.includes("root:") || body.includes("secret"), path);
  }
  assertEquals((await ask(app, "/.well-known/security.txt")).body, "seen");
  assertEquals((await ask(app, "/in.txt")).body, "file");
  assertEquals(app.log.records.filter(({ level }) => level === "error"), []);
});

Deno.test("GET, HEAD and OPTIONS are allowed, and nothing else", async () => {
  using folder = new TestFolder({ "a.txt": "hello" });
  await using app = await startHttp({ root: folder.path });
  const head = await ask(app, "/a.txt", { method: "HEAD" });
  assertEquals([head.status, head.headers["content-length"], head.body], [200, "5", ""]);
  const options = await ask(app, "/a.txt", { method: "OPTIONS" });
  assertEquals([options.status, options.headers.allow], [204, "GET, HEAD, OPTIONS"]);
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"]) {
    const { status, headers } = await ask(app, "/a.txt", { method, body: "x" });
    assertEquals([status, headers.allow], [405, "GET, HEAD, OPTIONS"], method);
  }
});

Deno.test("a large file is sent whole, and a HEAD of it reads nothing", async () => {
  const content = Uint8Array.from({ length: 900_001 }, (_, at) => at % 251);
  using folder = new TestFolder({ "large.bin": content });
  await using app = await startHttp({ root: folder.path });
  const got = await ask(app, "/large.bin");
  assertEquals(got.headers["content-length"], "900001");
  assertEquals(Uint8Array.from(got.body, (character) => character.charCodeAt(0)), content);
  const head = await ask(app, "/large.bin", { method: "HEAD" });
  assertEquals([head.status, head.headers["content-length"], head.body], [200, "900001", ""]);
});

Deno.test("a client that leaves in the middle of a large file leaves nothing open", async () => {
  using folder = new TestFolder({ "large.bin": new Uint8Array(5_000_000) });
  await using app = await startHttp({ root: folder.path });
  const client = await app.connect();
  client.transport.pauseProducing();
  await client.send(requestText("/large.bin"));
  client.transport.abortConnection();
  assertEquals(await app.stop(), []);
});

Deno.test("a change is seen within a second", async () => {
  using folder = new TestFolder({ "a.txt": "before" });
  await using app = await startHttp({ root: folder.path });
  assertEquals((await ask(app, "/a.txt")).body, "before");
  folder.write("a.txt", "after it");
  await app.advance(1_000);
  assertEquals((await ask(app, "/a.txt")).body, "after it");
  Deno.removeSync(`${folder.path}/a.txt`);
  await app.advance(1_000);
  assertEquals((await ask(app, "/a.txt")).status, 404);
});

Deno.test("a root that is a link follows it to the next release", async () => {
  using folder = new TestFolder({ "v1/a.txt": "one", "v2/a.txt": "two" });
  Deno.symlinkSync("v1", `${folder.path}/current`);
  await using app = await startHttp({ root: `${folder.path}/current` });
  assertEquals((await ask(app, "/a.txt")).body, "one");
  Deno.removeSync(`${folder.path}/current`);
  Deno.symlinkSync("v2", `${folder.path}/current`);
  await app.advance(1_000);
  assertEquals((await ask(app, "/a.txt")).body, "two");
});

Deno.test("a listing shows what may be seen, with names that cannot break out of it", async () => {
  const nasty = `"><script>alert(1)<`;
  using folder = new TestFolder({ "b.txt": "", "a/x": "", ".hidden": "", [nasty]: "", "sub/c d#?.txt": "c" });
  await using app = await startHttp({ routes: [{ files: { root: folder.path, list: true } }] });
  const { status, body, headers } = await ask(app, "/");
  assertEquals([status, headers["content-type"]], [200, "text/html;charset=utf-8"]);
  assertEquals([...body.matchAll(/href="([^"]*)"/g)].map((match) => match[1]), [
    "./a/",
    "./sub/",
    "./%22%3E%3Cscript%3Ealert(1)%3C",
    "./b.txt",
  ]);
  assertFalse(body.includes("<script>"));
  const sub = await ask(app, "/sub/");
  assertStringIncludes(sub.body, `href="./c%20d%23%3F.txt"`);
  assertStringIncludes(sub.body, `href="../"`);
  assertEquals((await ask(app, "/sub/c%20d%23%3F.txt")).body, "c");
});

Deno.test("without list, a folder without an index is not there", async () => {
  using folder = new TestFolder({ "a/b.txt": "" });
  await using app = await startHttp({ root: folder.path });
  assertEquals((await ask(app, "/a/")).status, 404);
});

Deno.test("index names are tried in their order", async () => {
  using folder = new TestFolder({ "a/index.htm": "second", "b/home.html": "first", "b/index.htm": "second" });
  await using app = await startHttp({
    routes: [{ files: { root: folder.path, index: ["home.html", "index.htm"] } }],
  });
  assertEquals((await ask(app, "/a/")).body, "second");
  assertEquals((await ask(app, "/b/")).body, "first");
});

Deno.test("the fallback stands for pages, not for files that are missing", async () => {
  using folder = new TestFolder({ "index.html": "app", "app.js": "js" });
  await using app = await startHttp({
    routes: [{ path: "/app/*", files: { root: folder.path, fallback: "index.html" } }],
  });
  const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  for (
    const [path, headers, expected] of [
      ["/app/users/7", {}, "app"],
      ["/app/users/john.doe", html, "app"],
      ["/app/app.js", {}, "js"],
      ["/app/", {}, "app"],
    ] as const
  ) {
    const { status, body } = await ask(app, path, { headers });
    assertEquals([status, body], [200, expected], path);
  }
  assertEquals((await ask(app, "/app/gone.js", { headers: { accept: "*/*" } })).status, 404);
  assertEquals((await ask(app, "/app/x", { method: "POST" })).status, 405);
});

Deno.test("what is not there at the start is told by its name", async () => {
  using folder = new TestFolder({ "a.txt": "" });
  const start = (files: string | { root: string; fallback: string }) => startHttp({ routes: [{ files }] });
  await assertRejects(
    () => start("./no-such-folder"),
    Error,
    'Cannot serve files from "./no-such-folder": there is no /',
  );
  await assertRejects(() => start(`${folder.path}/a.txt`), Error, "is no folder");
  await assertRejects(
    () => start({ root: folder.path, fallback: "app.html" }),
    Error,
    'Cannot fall back to "app.html": there is no such file in',
  );
});

Deno.test("a file that may not be read is 403, and the log says why", {
  ignore: Deno.uid() === 0,
}, async () => {
  using folder = new TestFolder({ "a.txt": "" });
  Deno.chmodSync(`${folder.path}/a.txt`, 0);
  await using app = await startHttp({ root: folder.path });
  assertEquals((await ask(app, "/a.txt")).status, 403);
  assert(app.log.records.some(({ message }) => message.startsWith("Cannot read file")));
});
