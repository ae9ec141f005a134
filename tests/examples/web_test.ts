import { assertEquals, assertStringIncludes } from "../assert.ts";
import { startBrowser } from "../support/browser.ts";
import type { LineReader } from "../support/heddle_process.ts";
import { isMissing } from "../support/programs.ts";
import { endpointsOf, serveExample } from "./_example.ts";

/** The example at work, with its socket in a folder of the test. */
async function served(test: (origin: string, stdout: LineReader) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using server = serveExample("web/app.yaml", { PORT: "0", RUN: folder, PASSWORD: "secret" });
    const [endpoint] = await endpointsOf(server, "web");
    await test(`http://${endpoint!.slice("tcp:".length)}`, server.stdout);
    server.kill("SIGTERM");
    assertEquals(await server.ended(), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("examples/web: a Hono application, a password, a proxy, files, an access log", async () => {
  await served(async (origin, stdout) => {
    const text = async (path: string, init?: RequestInit) => await (await fetch(origin + path, init)).text();
    assertEquals(await text("/api/hello/you"), '{"hello":"you"}');
    assertEquals(await text("/api/length", { method: "POST", body: "four" }), '{"length":4}');
    assertEquals(await text("/behind/x"), '{"from":"backend"}');
    assertEquals(await text("/healthz"), "live\n");
    assertEquals(await text("/private/"), "Unauthorized\n");
    const authorization = `Basic ${btoa("alice:secret")}`;
    assertStringIncludes(await text("/private/", { headers: { authorization } }), "Nobody else");
    assertStringIncludes(await text("/"), "<title>Chat</title>");
    assertEquals(await text("/chat"), "This is for WebSockets\n");
    await stdout.line((line) => line.includes('"GET /behind/x HTTP/1.1" 200'));
  });
});

Deno.test({
  name: "examples/web: two browser windows chat; the other site has its own name",
  ignore: isMissing("chromium"),
  // The browser's driver keeps timers and pipes of its own.
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  await served(async (origin) => {
    const browser = await startBrowser();
    try {
      const [one, other] = [await browser.newPage(), await browser.newPage()];
      for (const page of [one, other]) {
        await page.goto(origin);
        await page.locator("#text:enabled").waitFor();
      }
      await one.fill("#text", "<b>hello</b>");
      await one.press("#text", "Enter");
      for (const page of [one, other]) await page.getByText("<b>hello</b>", { exact: true }).waitFor();
      await other.fill("#text", "hello back");
      await other.press("#text", "Enter");
      await one.getByText("hello back", { exact: true }).waitFor();

      const { port } = new URL(origin);
      await one.goto(`http://docs.localhost:${port}/`);
      await one.getByText("readme.txt").click();
      await one.getByText("A site of its own").waitFor();
    } finally {
      await browser.close();
    }
  });
});
