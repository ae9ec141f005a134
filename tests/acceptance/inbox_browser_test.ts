import type { Page } from "playwright-core";
import { assert, assertEquals } from "../assert.ts";
import { startBrowser } from "../support/browser.ts";
import { isMissing } from "../support/programs.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene } from "./_scene.ts";

const application = `name: mail
services:
  smtp:
    plugin: smtp
    options:
      listen: tcp:127.0.0.1:0
      domains: ["*"]
      catchAll: inbox
      deliver: { maildir: mail }
      inbox: tcp:127.0.0.1:0
`;

async function send(endpoint: string, message: string): Promise<void> {
  using conn = await TextConn.connect(endpoint);
  const body = message.replaceAll("\n", "\r\n");
  await conn.send(
    `EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@here.test>\r\nDATA\r\n${body}\r\n.\r\nQUIT\r\n`,
  );
  assert(/^250 2\.0\.0 Message/m.test(await conn.rest()));
}

const plain = (subject: string) =>
  `From: Ann <ann@far.test>\nTo: bob@here.test\nSubject: ${subject}\n\nThis is ${subject}.\n`;

const subjects = (page: Page) => page.locator("#messages .subject").allTextContents();

Deno.test({
  name: "the inbox in a browser: mail appears while one looks, is searched, shown without harm, and deleted",
  ignore: isMissing("chromium"),
  async fn() {
    await using scene = new Scene(application);
    await using app = scene.serve();
    const [smtp, site] = await app.endpoints("smtp");
    const asked: string[] = [];
    const stranger = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
      asked.push(request.url);
      return new Response("no");
    });
    const far = `http://127.0.0.1:${stranger.addr.port}`;
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(15_000);
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(site!.replace("tcp:", "http://"));
      await page.getByText("No mail yet").waitFor();
      await page.locator("#live.on").waitFor();

      // It arrives.
      await send(smtp!, plain("first"));
      await page.locator("#messages .subject", { hasText: "first" }).waitFor();
      await send(smtp!, plain("second"));
      await page.locator("#messages .subject", { hasText: "second" }).waitFor();
      assertEquals(await subjects(page), ["second", "first"]);
      assertEquals(await page.title(), "(2) Inbox");

      // By keyboard: open it, search.
      await page.keyboard.press("j");
      await page.locator("#body pre", { hasText: "This is second." }).waitFor();
      await page.locator("#subject", { hasText: /^second$/ }).waitFor();
      await page.keyboard.press("j");
      await page.locator("#body pre", { hasText: "This is first." }).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("SECOND");
      await page.locator("#messages li", { hasText: "first" }).waitFor({ state: "detached" });
      assertEquals(await subjects(page), ["second"]);
      await page.fill("#search", "");
      await page.locator("#messages li", { hasText: "first" }).waitFor();

      // Whoever sent it learns nothing, and nothing of it runs.
      await send(
        smtp!,
        `From: evil@far.test
Subject: <img src=${far}/subject onerror="fetch('${far}/subject')">
MIME-Version: 1.0
Content-Type: text/html

<html><head><meta http-equiv="refresh" content="0;url=${far}/refresh"><link rel="stylesheet" href="${far}/style">
<link rel="prefetch" href="${far}/prefetch"><base href="${far}/"><style>@import "${far}/import";
body { background: url(${far}/background); color: rgb(1, 2, 3) }</style></head>
<body onload="fetch('${far}/onload')"><img src="${far}/image.png" srcset="${far}/set 2x"><p id="harmless">Hello</p>
<script>fetch("${far}/script"); parent.document.title = "harmed"; fetch("/api/messages", { method: "DELETE" })</script>
<iframe src="${far}/frame"></iframe><object data="${far}/object"></object><video src="${far}/video" autoplay></video>
<svg><image href="${far}/svg"/><script>fetch("${far}/svgscript")</script></svg>
<a id="link" href="javascript:fetch('${far}/link')">link</a><form action="${far}/form"><button id="go">go</button></form>
</body></html>
`,
      );
      await page.locator("#messages .from", { hasText: "evil@far.test" }).click();
      const frame = page.frameLocator("#body iframe");
      await frame.locator("#harmless").waitFor();
      await frame.locator("#link").click();
      await frame.locator("#go").click();
      await page.locator("#tab-headers").click();
      await page.locator("#body th", { hasText: "Subject" }).waitFor();
      await page.locator("#tab-source").click();
      await page.locator("#body pre", { hasText: "<script>" }).waitFor();
      await page.locator("#tab-text").click();
      await page.locator("#body pre", { hasText: "Hello" }).waitFor();
      assertEquals([
        await page.locator("#subject img").count(),
        await subjects(page).then(({ length }) => length),
      ], [0, 3]);
      assertEquals(asked, []);

      // It goes, and the next one is open.
      await page.locator("#delete").click();
      await page.locator("#messages li", { hasText: "evil" }).waitFor({ state: "detached" });
      await page.locator("#subject", { hasText: /^second$/ }).waitFor();
      const files = () => [...Deno.readDirSync(`${scene.folder}/mail/inbox/new`)].map(({ name }) => name);
      assertEquals(files().length, 2);
      // Somebody else takes one away.
      await Deno.remove(`${scene.folder}/mail/inbox/new/${files().sort()[0]}`);
      await page.locator("#messages li", { hasText: "first" }).waitFor({ state: "detached" });
      // All of them, but not by mistake.
      await page.locator("#delete-all").click();
      await page.keyboard.press("Enter");
      assertEquals(files().length, 1);
      await page.locator("#delete-all").click();
      await page.locator("#confirm .danger").click();
      await page.getByText("No mail yet").waitFor();
      assertEquals(files(), []);
      assertEquals(errors, []);
    } finally {
      await browser.close();
      await stranger.shutdown();
    }
    app.kill("SIGTERM");
    assertEquals(await app.ended(), 0);
  },
});
