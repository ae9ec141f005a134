import { assertEquals, assertMatch, assertRejects } from "../../assert.ts";
import { ask, type Options, startHttp } from "./_scene.ts";

const plain = new URL("./fixtures/plain.ts", import.meta.url).pathname;
type Log = Options["log"];

/** What an access log holds after `requests`, the service being stopped. */
async function logOf(
  log: (file: string) => Log,
  requests: (app: Awaited<ReturnType<typeof startHttp>>) => Promise<unknown>,
  more: Partial<Options> = {},
): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/access.log`;
    {
      await using app = await startHttp({
        log: log(file),
        routes: [{ path: "/a", respond: "hello" }, { path: "/h/*", handler: plain }],
        ...more,
      } as Options);
      await requests(app);
    }
    return await Deno.readTextFile(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const TIME = String.raw`\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d \+0000\]`;

Deno.test("combined: one line for each reply, as Apache writes it", async () => {
  const text = await logOf((file) => ({ format: "combined", file }), async (app) => {
    await ask(app, "/a?x=1", { headers: { referer: "http://b/", "user-agent": "test/1.0" } });
    await ask(app, "/nothing", { method: "HEAD" });
    await ask(app, "/h/x", { headers: { authorization: `Basic ${btoa("alice:secret")}` } });
  });
  const [first, second, third, end] = text.split("\n");
  assertMatch(
    first!,
    new RegExp(`^127\\.0\\.0\\.1 - - ${TIME} "GET /a\\?x=1 HTTP/1\\.1" 200 5 "http://b/" "test/1\\.0"$`),
  );
  assertMatch(second!, new RegExp(`"HEAD /nothing HTTP/1\\.1" 404 - "-" "-"$`));
  assertMatch(third!, new RegExp(`^127\\.0\\.0\\.1 - alice \\[`));
  assertEquals(end, "");
});

Deno.test("common leaves out where it came from and by what", async () => {
  const text = await logOf((file) => ({ format: "common", file }), (app) => ask(app, "/a"));
  assertMatch(text, new RegExp(`^127\\.0\\.0\\.1 - - ${TIME} "GET /a HTTP/1\\.1" 200 5\n$`));
});

Deno.test("json: a record for each reply", async () => {
  const text = await logOf((file) => ({ format: "json", file }), async (app) => {
    await ask(app, "/a", { host: "b.example", headers: { "user-agent": "test" } });
  });
  const { time, duration, ...rest } = JSON.parse(text);
  assertEquals([typeof time, typeof duration], ["string", "number"]);
  assertEquals(rest, {
    client: "127.0.0.1",
    host: "b.example",
    method: "GET",
    target: "/a",
    protocol: "HTTP/1.1",
    status: 200,
    bytes: 5,
    userAgent: "test",
  });
});

Deno.test("no request can forge a line or write to the terminal", async () => {
  const text = await logOf((file) => ({ format: "combined", file }), async (app) => {
    await ask(app, '/a"b\\c', { headers: { "user-agent": 'x" 200 1 "\x9b31m\t\\' } });
    const client = await app.connect();
    await client.send("nonsense\r\n\r\n");
  });
  const [first, second] = text.split("\n");
  assertMatch(first!, /"GET \/a\\"b\\\\c HTTP\/1\.1" 404 \d+ "-" "x\\" 200 1 \\"\\xc2\\x9b31m\\x09\\\\"$/);
  assertMatch(second!, /"-" 400 \d+ "-" "-"$/);
});

Deno.test("null switches the log off, and a client that leaves is 499", async () => {
  const text = await logOf((file) => ({ format: "common", file }), async (app) => {
    await ask(app, "/quiet");
    const client = await app.connect();
    await client.send("GET /never HTTP/1.1\r\nhost: a\r\n\r\n");
    client.transport.abortConnection();
    await app.reactor.settle();
  }, { routes: [{ path: "/quiet", respond: "x", log: null }, { path: "/*", handler: plain }] });
  assertEquals(text.split("\n").length, 2);
  assertMatch(text, /"GET \/never HTTP\/1\.1" 499 -\n$/);
});

Deno.test("a log that cannot be opened fails the start with its name", async () => {
  await assertRejects(
    () => startHttp({ log: { file: "/no/such/folder/access.log" }, routes: [{ respond: "" }] }),
    Error,
    'Cannot open log file "/no/such/folder/access.log"',
  );
});
