import { assertEquals } from "../../assert.ts";
import { ask, type Options, startHttp } from "./_scene.ts";

const text = (path: string, respond = path) => ({ path, respond });

async function answers(options: Options, targets: Readonly<Record<string, string | number>>): Promise<void> {
  await using app = await startHttp(options);
  for (const [target, expected] of Object.entries(targets)) {
    const { status, body } = await ask(app, target);
    assertEquals(typeof expected === "number" ? status : body, expected, target);
  }
}

Deno.test("a route answers for its path, one with /* for all below", async () => {
  await answers({ routes: [text("/about"), text("/docs/*"), text("/")] }, {
    "/": "/",
    "/about": "/about",
    "/about?x=1": "/about",
    "/about/": 404,
    "/aboutx": 404,
    "/docs": "/docs/*",
    "/docs/": "/docs/*",
    "/docs/a/b": "/docs/*",
    "/docsx": 404,
  });
});

Deno.test("the first route for a path answers, be it exact or not", async () => {
  await answers({ routes: [text("/a/b"), text("/a/*"), text("/z"), text("/*")] }, {
    "/a/b": "/a/b",
    "/a/c": "/a/*",
    "/z": "/z",
    "/": "/*",
  });
});

Deno.test("no spelling of a path gets around its route", async () => {
  const routes = [{ path: "/admin/*", respond: { status: 403 } }, text("/*", "open")];
  await answers({ routes }, {
    "/admin/x": 403,
    "/%61dmin/x": 403,
    "//admin/x": 403,
    "/x/../admin/x": 403,
    "/x/%2e%2e/admin/x": 403,
    "/admin%2Fx": 403,
    "/x/..%2Fadmin/x": 404,
    "/x%2F..%2Fadmin/x": 404,
    "/x/..%5Cadmin": 404,
    "/a%00b": 404,
    "/%ff": 404,
    "/%c0%ae%c0%ae/": 404,
    "/%zz": 404,
    "/Admin/x": "open",
  });
});

Deno.test("sites are told apart by host: exact, wildcard, default", async () => {
  const site = (hosts: string[], name: string) => ({ hosts, routes: [{ respond: name }] });
  await using app = await startHttp({
    sites: [
      site(["example.org", "münchen.example", "dot.example."], "exact"),
      site(["*.example.org"], "wild"),
      site(["*.deep.example.org", "[::1]"], "deep"),
      site([], "default"),
    ],
  });
  for (
    const [host, expected] of Object.entries({
      "example.org": "exact",
      "EXAMPLE.org:8080": "exact",
      "example.org.:8080": "exact",
      "a.example.org.": "wild",
      "xn--mnchen-3ya.example": "exact",
      "a.example.org": "wild",
      "a.b.example.org": "wild",
      "a.deep.example.org": "deep",
      "deep.example.org": "wild",
      "[::1]:80": "deep",
      "dot.example": "exact",
      "notexample.org": "default",
      "example.org..": "default",
    })
  ) assertEquals((await ask(app, "/", { host })).body, expected, host);
});

Deno.test("a host that no site has gets 421", async () => {
  await using app = await startHttp({ sites: [{ hosts: "a.example", routes: [{ respond: "a" }] }] });
  assertEquals((await ask(app, "/", { host: "a.example" })).status, 200);
  assertEquals((await ask(app, "/", { host: "b.example" })).status, 421);
});

Deno.test("respond sends what it says", async () => {
  await using app = await startHttp({
    routes: [
      { path: "/json", respond: { json: { ready: true }, headers: { "x-a": ["1", "2"] } } },
      { path: "/gone", respond: { status: 410, body: "Gone" } },
    ],
  });
  const json = await ask(app, "/json");
  assertEquals([json.headers["content-type"], json.headers["x-a"], json.body], [
    "application/json",
    "1\n2",
    '{"ready":true}',
  ]);
  const gone = await ask(app, "/gone", { method: "POST", body: "x" });
  assertEquals([gone.status, gone.body], [410, "Gone"]);
});

Deno.test("a reload swaps the sites for the next request, on the same connection", async () => {
  await using app = await startHttp({ routes: [text("/*", "old")] });
  const client = await app.connect();
  await client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  assertEquals(client.received().endsWith("old"), true);
  assertEquals(await app.reload({ routes: [text("/*", "new")] }), true);
  await client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  assertEquals(client.received().endsWith("new"), true);
  assertEquals(await app.reload({ listen: "tcp:8081", routes: [text("/*")] }), false);
});

Deno.test("a reload leaves routes that are the same as they are, and begins the others anew", async () => {
  const limited = (respond: string) => ({ path: "/a", respond, rateLimit: { requests: 1, per: "1h" } });
  await using app = await startHttp({ routes: [limited("a")] });
  const statuses = async () => [(await ask(app, "/a")).status, (await ask(app, "/a")).status];
  assertEquals(await statuses(), [200, 429]);
  await app.reload({ routes: [limited("a"), text("/*")] });
  assertEquals(await statuses(), [429, 429]);
  await app.reload({ routes: [limited("b"), text("/*")] });
  assertEquals(await statuses(), [200, 429]);
});

Deno.test("a reload that cannot be carried out changes nothing", async () => {
  await using app = await startHttp({ routes: [text("/a")] });
  let failed = "";
  await app.reload({ routes: [text("/b"), { files: "./no-such-folder" }] }).catch((error) =>
    failed = String(error)
  );
  assertEquals(failed.includes('"./no-such-folder"'), true);
  assertEquals([(await ask(app, "/a")).status, (await ask(app, "/b")).status], [200, 404]);
});
