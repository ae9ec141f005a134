/**
 * Makes docs/images/dashboard-*.png anew: `deno run -A tests/docs/dashboard_pictures.ts`. Takes two minutes, since the
 * plots are to show something, and Chromium.
 */
import type { Browser } from "playwright-core";
import { Scene } from "../acceptance/_scene.ts";
import { startBrowser } from "../support/browser.ts";
import { manyServices } from "../support/many_services.ts";

const IMAGES = new URL("../../docs/images/", import.meta.url);
const SIZE = { width: 1440, height: 900 };
/** Milliseconds that the plots show. */
const SHOWN = Number(Deno.env.get("HEDDLE_PICTURE_SECONDS") ?? "60") * 1_000;

const shop = `name: shop
services:
  dashboard: { plugin: dashboard, grants: [control], options: { listen: "tcp:127.0.0.1:0" } }
  front:
    services:
      web:
        plugin: http
        isolate: process
        replicas: 2
        options: { listen: "tcp:127.0.0.1:0", sites: [{ routes: [{ path: /, respond: { body: "Hello" } }] }] }
      api: { plugin: echo, needs: [back.store], options: { listen: "tcp:127.0.0.1:0" } }
      chat: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } }
  back:
    services:
      store: { plugin: process, options: { command: [sh, store.sh] } }
      search: { plugin: ./search.ts }
      images: { plugin: echo, isolate: process, options: { listen: "tcp:127.0.0.1:0" } }
  mail:
    services:
      smtp:
        plugin: smtp
        options: { listen: "tcp:127.0.0.1:0", domains: ["*"], catchAll: all, deliver: { memory: 10 } }
      billing: { plugin: echo, restart: temporary, needs: [back.search], options: { listen: "tcp:127.0.0.1:0" } }
  nightly: { plugin: task, options: { command: ["true"], schedule: "0 3 * * *" } }
`;

const search = `import { definePlugin } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url).href)};
import { z } from "zod";
export default definePlugin({
  name: "search",
  options: z.strictObject({}),
  makeService: () => ({ start: () => Promise.reject(new Error("Cannot load index: checksum of segment 12 differs")) }),
});
`;

const store = `echo "loaded 48210 keys"
while true; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 1; done
`;

/** Send to `endpoints`, in waves, until `signal` is aborted. */
async function load(endpoints: readonly string[], signal: AbortSignal): Promise<void> {
  const conns = await Promise.all(endpoints.flatMap((endpoint, at) => {
    const port = Number(endpoint.split(":").at(-1));
    return Array.from({ length: 1 + at % 4 }, () => Deno.connect({ port, hostname: "127.0.0.1" }));
  }));
  const readers = conns.map((conn) => conn.readable.pipeTo(new WritableStream()).catch(() => {}));
  for (let step = 0; !signal.aborted; step++) {
    await Promise.all(conns.map(async (conn, at) => {
      const wave = 1 + Math.sin(step / 18 + at) + Math.sin(step / 7 + 2 * at) / 2;
      await conn.write(new Uint8Array(Math.max(1, Math.round(900 * wave * (1 + at % 5))))).catch(() => {});
    }));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  for (const conn of conns) conn.close();
  await Promise.all(readers);
}

async function picture(
  browser: Browser,
  url: string,
  name: string,
  colorScheme: "light" | "dark",
  open?: string,
): Promise<void> {
  const page = await browser.newPage({ viewport: SIZE, colorScheme });
  await page.goto(url);
  await page.locator("#live.on").waitFor();
  if (open !== undefined) {
    await page.locator("#rows tr", { hasText: open }).first().click();
    await page.locator("#detail-plots figure").first().waitFor();
  }
  await page.mouse.move(700, 20);
  await page.waitForTimeout(4_500);
  await page.screenshot({ path: new URL(`dashboard-${name}.png`, IMAGES).pathname });
  await page.close();
}

async function show(
  application: string,
  loaded: readonly string[],
  take: (browser: Browser, url: string) => Promise<void>,
): Promise<void> {
  await using scene = new Scene(application);
  await Deno.writeTextFile(`${scene.folder}/search.ts`, search);
  await Deno.writeTextFile(`${scene.folder}/store.sh`, store);
  await using app = scene.serve();
  const [endpoint] = await app.endpoints("dashboard");
  const ending = new AbortController();
  const work = Promise.all(loaded.map((path) => app.endpoints(path)))
    .then((endpoints) => load(endpoints.flat(), ending.signal));
  const browser = await startBrowser();
  const url = endpoint!.replace("tcp:", "http://");
  // Who watches makes it look more often.
  const watcher = await fetch(`${url}/api/events`);
  const drain = watcher.body!.pipeTo(new WritableStream()).catch(() => {});
  try {
    await new Promise((resolve) => setTimeout(resolve, SHOWN));
    await take(browser, url);
  } finally {
    await browser.close();
    ending.abort();
    await work;
    app.kill("SIGTERM");
    await app.ended();
    await drain;
  }
}

await show(shop, ["front.api", "front.chat", "back.images"], async (browser, url) => {
  await picture(browser, url, "light", "light");
  await picture(browser, url, "dark", "dark", "images");
});
const busy = Array.from(
  { length: 40 },
  (_, at) => `tenant-${String(1 + at % 5).padStart(2, "0")}.echo-${String(1 + at % 8).padStart(2, "0")}`,
);
await show(manyServices(500), [...new Set(busy)], (browser, url) => picture(browser, url, "500", "light"));
