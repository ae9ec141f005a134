import type { Page } from "playwright-core";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { startBrowser } from "../support/browser.ts";
import { manyServices } from "../support/many_services.ts";
import { isMissing } from "../support/programs.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene, type Served } from "./_scene.ts";

const TOKEN = "a-token-for-this-test";

const application = (rest = "") =>
  `name: shop
services:
  dashboard: { plugin: dashboard, grants: [control], options: { listen: "tcp:127.0.0.1:0", token: ${TOKEN} } }
  front:
    services:
      web: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }
  worker: { plugin: ./worker.ts, options: { broken: broken } }
${rest}`;

/** Fails when it is spoken to, and from then on at once, as long as there is a file "broken". */
const worker = `import { definePlugin, Protocol } from ${
  JSON.stringify(new URL("../../mod.ts", import.meta.url).href)
};
import { z } from "zod";
export default definePlugin({
  name: "worker",
  options: z.strictObject({ broken: z.string() }),
  makeService: ({ broken }) => ({
    async start(ctx) {
      const fault = new Error("out of <b>cheese</b>");
      if (await Deno.stat(broken).then(() => true, () => false)) throw fault;
      await ctx.reactor.listen("tcp:127.0.0.1:0", () => new class extends Protocol {
        override dataReceived() { ctx.log.warn("Spoken to"); ctx.fail(fault); }
      }());
    },
  }),
});
`;

/** The dashboard of `application` in a browser, for one test. */
async function withPage(
  application: string,
  test: (page: Page, app: Served, scene: Scene) => Promise<void>,
): Promise<void> {
  await using scene = new Scene(application);
  await Deno.writeTextFile(`${scene.folder}/worker.ts`, worker);
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("dashboard");
  await app.ready();
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ httpCredentials: { username: "operator", password: TOKEN } });
    page.setDefaultTimeout(20_000);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(endpoint!.replace("tcp:", "http://"));
    await page.locator("#live.on").waitFor();
    await test(page, app, scene);
    assertEquals(errors.filter((error) => !/status of 4\d\d/.test(error)), []);
  } finally {
    await browser.close();
  }
  app.kill("SIGTERM");
  assertEquals(await app.ended(), 0);
}

const row = (page: Page, name: string) =>
  page.locator("#rows tr").filter({ has: page.locator(".name", { hasText: name }) });

Deno.test({
  name: "the dashboard in a browser: a service crashes, is seen, and is restarted; the log is filtered",
  ignore: isMissing("chromium"),
  fn: () =>
    withPage(application(), async (page, app, scene) => {
      await row(page, "worker").locator(".state", { hasText: "ready" }).waitFor();
      assertEquals(await page.locator("#rows tr:visible").count(), 4);
      assert(await page.locator("#attention").isHidden());

      const [port] = await app.endpoints("worker");
      await Deno.writeTextFile(`${scene.folder}/broken`, "");
      {
        using conn = await TextConn.connect(port!);
        await conn.send("hello");
        const trouble = page.locator("#troubles li", { hasText: "worker" });
        await trouble.locator(".why", { hasText: "out of <b>cheese</b>" }).waitFor();
        await row(page, "worker").locator(".state", { hasText: "backoff" }).waitFor();
      }
      await page.waitForFunction(`document.title === "(1!) shop"`);
      await page.locator("#announcer", { hasText: "worker: backoff" }).waitFor({ state: "attached" });

      await page.getByRole("button", { name: "Restart worker" }).click();
      await Deno.remove(`${scene.folder}/broken`);
      await page.locator("#confirm-yes").click();
      await page.locator("#notice", { hasText: "worker: restarted" }).waitFor();
      await row(page, "worker").locator(".state", { hasText: "ready" }).waitFor();
      await page.locator("#attention").waitFor({ state: "hidden" });

      // Stop and start, from the details.
      await row(page, "web").click();
      await page.locator("#stop").click();
      await page.locator("#confirm-yes").click();
      await row(page, "web").locator(".state", { hasText: "stopped" }).waitFor();
      await page.locator("#restart").waitFor({ state: "hidden" });
      await page.locator("#start").press("Enter");
      await row(page, "web").locator(".state", { hasText: "ready" }).waitFor();
      await page.locator("#restart:focus").waitFor();

      // The log. Its last line has stayed in view, whatever came and went around it.
      assert(await page.locator("#latest").isHidden());
      const lines = page.locator("#log .line");
      await lines.filter({ hasText: "Spoken to" }).waitFor();
      await page.selectOption("#log-level", "2");
      await lines.and(page.locator(".info")).first().waitFor({ state: "detached" });
      await lines.filter({ hasText: "Spoken to" }).waitFor();
      await page.selectOption("#log-level", "0");
      await page.fill("#log-service", "front");
      await lines.filter({ hasNotText: "front.web" }).first().waitFor({ state: "detached" });
      assert(await lines.count() > 0);
      await page.fill("#log-text", "nothing has this");
      await page.locator("#log .empty").waitFor();
    }),
});

Deno.test({
  name: "the dashboard in a browser: a reload shows the difference, then does it; problems have their places",
  ignore: isMissing("chromium"),
  fn: () =>
    withPage(application(), async (page, _app, scene) => {
      const file = `${scene.folder}/app.yaml`;
      await Deno.writeTextFile(
        file,
        application(`  more: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }\n`),
      );
      await page.locator("#reload").click();
      await page.locator("#plan .steps li.add", { hasText: "more" }).waitFor();
      assertEquals(await page.locator("#plan .steps li").count(), 1);
      assertEquals(await row(page, "more").count(), 0);
      await page.locator("#plan-apply").click();
      await row(page, "more").locator(".state", { hasText: "ready" }).waitFor();
      await page.locator("#notice", { hasText: "1 change done" }).waitFor();

      // What was seen is not what would be done any more.
      await Deno.writeTextFile(file, application());
      await page.locator("#reload").click();
      await page.locator("#plan .steps li.remove", { hasText: "more" }).waitFor();
      await Deno.writeTextFile(
        file,
        application(`  other: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }\n`),
      );
      await page.locator("#plan-apply").click();
      await page.locator("#plan-body", { hasText: "has changed meanwhile" }).waitFor();
      assertEquals(await page.locator("#plan .steps li").count(), 2);
      await page.locator("#plan-cancel").click();

      await Deno.writeTextFile(file, application("  bad: { plugin: echo, optoins: {} }\n"));
      await page.locator("#reload").click();
      const problem = page.locator("#plan .problems li");
      await problem.waitFor();
      assertStringIncludes(await problem.locator("code").textContent() ?? "", "app.yaml:8:");
      assertStringIncludes(await problem.textContent() ?? "", `did you mean "options"?`);
      assert(await page.locator("#plan-apply").isHidden());
      await page.keyboard.press("Escape");
      await page.locator("#plan").waitFor({ state: "hidden" });

      // The dashboard itself: the page comes back, with what is there then.
      const names = application().replace(
        "  front:",
        "  first: { plugin: ./worker.ts, options: { broken: no } }\n  front:",
      );
      await Deno.writeTextFile(file, names);
      await row(page, "web").click();
      await page.locator("#reload").click();
      await page.locator("#plan-apply").click();
      await row(page, "first").locator(".state", { hasText: "ready" }).waitFor();
      await row(page, "dashboard").focus();
      await page.keyboard.press("r");
      await page.locator("#confirm-yes").click();
      await page.locator("#notice", { hasText: "Restart dashboard" }).waitFor();
      await row(page, "dashboard").locator(".restarts", { hasText: "1" }).waitFor();
      await page.locator("#live.on").waitFor();
      assertEquals(await page.locator("#rows tr:visible .label").allTextContents(), [
        "dashboard",
        "first",
        "front",
        "web",
        "worker",
      ]);
      assertEquals(await page.locator("#detail-name").textContent(), "front.web");
    }),
});

Deno.test({
  name: "the dashboard in a browser: by keyboard alone",
  ignore: isMissing("chromium"),
  fn: () =>
    withPage(application(), async (page) => {
      const focused = () => page.evaluate(`document.activeElement?.querySelector(".name")?.textContent`);
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key);
      };
      await row(page, "worker").waitFor();
      await press("/");
      await page.keyboard.type("web");
      await press("Enter");
      assertEquals(await focused(), "web");
      // To the group, fold it, and unfold it.
      await press("ArrowLeft", "ArrowLeft");
      assertEquals(await focused(), "front");
      // Without the filter a folded group is folded.
      await press("/", "Escape", "Tab", "Tab");
      assertEquals(await focused(), "front");
      assertEquals(await row(page, "web").isVisible(), false);
      await press("ArrowRight", "ArrowRight");
      assertEquals(await focused(), "web");
      await press("ArrowDown");
      assertEquals(await focused(), "worker");
      // Its details, and back.
      await press("Enter");
      assertEquals(await page.locator("#detail-name").textContent(), "worker");
      await press("Escape");
      assert(await page.locator("#detail").isHidden());
      assertEquals(await focused(), "worker");
      // Restart it: not by mistake, since the dialogue begins at Cancel.
      await press("r", "Enter");
      await page.locator("#confirm").waitFor({ state: "hidden" });
      assertEquals(await row(page, "worker").locator(".restarts").textContent(), "");
      assertEquals(await focused(), "worker");
      await press("r", "Tab", "Enter");
      await page.locator("#notice", { hasText: "worker: restarted" }).waitFor();
      // The log.
      await press("l");
      assertEquals(await page.evaluate("document.activeElement?.id"), "log-text");
    }),
});

Deno.test({
  name: "the dashboard in a browser: five hundred services are there soon, and change at once",
  ignore: isMissing("chromium"),
  fn: () =>
    withPage(manyServices(500), async (page, app) => {
      const begun = performance.now();
      await page.reload();
      await page.locator("#shown", { hasText: "501" }).waitFor();
      const painted = performance.now() - begun;
      assertEquals(await page.locator("#rows tr").count(), 552);
      using conn = await TextConn.connect((await app.endpoints("tenant-01.echo-01"))[0]!);
      await conn.send("hello");
      const first = page.locator("#rows tr", { hasText: "echo-01" }).first();
      await first.locator(".connections", { hasText: "1" }).waitFor();
      await page.fill("#unit-filter", "tenant-50.echo-07");
      await page.locator("#shown", { hasText: "1 of 501" }).waitFor();
      assertEquals(await page.locator("#rows tr:visible").count(), 2);
      assert(painted < 15_000, `first shown after ${Math.round(painted)} ms`);
    }),
});
