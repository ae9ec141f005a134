import { assert, assertEquals, assertStringIncludes } from "../../../assert.ts";
import { pathOf, withInbox } from "./_scene.ts";

const part = (depth: number): string =>
  depth === 0
    ? "Content-Type: text/plain\n\ndeep\n"
    : `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${part(depth - 1)}\n--b${depth}--\n`;

const script = `<script>fetch("/api/messages", { method: "DELETE" })</script>`;

/** Messages that somebody might send to do harm; each has a subject of its own. */
const hostile: Readonly<Record<string, string>> = {
  "too deep": part(400),
  "deep": part(60),
  "huge header": `X-Huge: ${"x".repeat(900)}\n${" y".repeat(400)}\n`.repeat(1_500),
  "many headers": "X-Many: 1\n".repeat(20_000),
  "no header at all": "",
  "half a multipart":
    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>never closed",
  "a boundary of nothing": 'Content-Type: multipart/mixed; boundary=""\n\n--\n\nx\n----\n',
  "many parts": `Content-Type: multipart/mixed; boundary=b\n\n${"--b\n\nx\n".repeat(20_000)}--b--\n`,
  "quite some parts": `Content-Type: multipart/mixed; boundary=b\n\n${"--b\n\nx\n".repeat(1_500)}--b--\n`,
  "many lines": `Content-Type: text/plain\n\n${"\n".repeat(60_000)}`,
  "more lines": `Content-Type: text/plain\n\n${"\n".repeat(500_100)}`,
  "odd charset": "Content-Type: text/plain; charset=x-no-such\n\n\xff\xfe\n",
  "bad base64": "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n%%%%\n",
  "nested messages": `${"Content-Type: message/rfc822\n\n".repeat(40)}Subject: inner\n\nx\n`,
  "many references to one image":
    `Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n${
      '<img src="cid:a">\n'.repeat(5_000)
    }\n--b\nContent-Type: image/png\nContent-ID: <a>\nContent-Transfer-Encoding: base64\n\n${
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB\n".repeat(3_000)
    }\n--b--\n`,
};

Deno.test("inbox lists and shows whatever is sent to it, or says why not, within bounds", () =>
  withInbox({ limits: { lineLength: 2_000 } }, async ({ json, fetch, send, listed, status }) => {
    const names = Object.keys(hostile);
    for (const name of names) {
      await send(
        hostile[name]!.startsWith("Content-Type") || hostile[name] === "" || hostile[name]!.startsWith("X-")
          ? `Subject: ${name}\n${hostile[name]}`
          : hostile[name]!,
      );
    }
    const rows = await listed(names.length);
    const problems: string[] = [];
    for (const row of rows) {
      const begun = performance.now();
      const asked = json(pathOf(row));
      // Whatever it takes, mail is received meanwhile.
      let longest = 0;
      let last = performance.now();
      const beat = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 10);
      const message = await asked.finally(() => clearInterval(beat));
      assert(longest < 2_000, `${row.subject} held everything up for ${longest} ms`);
      if (message.problem !== null) problems.push(row.subject);
      else assert(JSON.stringify(message).length < 8_000_000, row.subject);
      if (message.html) assert((await (await fetch(pathOf(row, "/html"))).text()).length < 60_000_000);
      assertEquals(await status(pathOf(row, "/source")), 200);
      assert(performance.now() - begun < 10_000, `${row.subject} took ${performance.now() - begun} ms`);
    }
    // What goes beyond the limits is not taken apart; its source can be had.
    assertEquals(problems.sort(), ["huge header", "many parts", "more lines", "too deep"]);
  }));

Deno.test("inbox shows no part of a message as anything that a browser would run", () =>
  withInbox({}, async ({ fetch, json, send, listed }) => {
    await send(`Subject: <img src=x onerror=alert(1)>
From: "${script.replaceAll('"', "'")}" <a@far.test>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html

${script}<base href="http://far.test/"><a href="javascript:alert(1)">x</a>
--b
Content-Type: image/svg+xml
Content-Disposition: attachment; filename="a.svg"

<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>
--b
Content-Type: text/html
Content-Disposition: attachment; filename="a\\"; x=\\"
 b.html"

${script}
--b--
`);
    const [row] = await listed(1);
    for (const at of [0, 1]) {
      const reply = await fetch(pathOf(row, `/attachments/${at}`));
      await reply.body!.cancel();
      const { headers } = reply;
      assertEquals(headers.get("content-type"), "application/octet-stream");
      assertEquals(headers.get("x-content-type-options"), "nosniff");
      assert(/^attachment; filename\*=UTF-8''[A-Za-z0-9%._-]+$/.test(headers.get("content-disposition")!));
      assertStringIncludes(headers.get("content-security-policy")!, "sandbox; default-src 'none'");
    }
    for (const rest of ["/html", "/source", ""]) {
      const reply = await fetch(pathOf(row, rest));
      await reply.body!.cancel();
      const policy = reply.headers.get("content-security-policy")!;
      assert(policy.startsWith("sandbox") && policy.includes("default-src 'none'"), policy);
      assert(!policy.includes("script"), policy);
      assertEquals(reply.headers.get("cross-origin-resource-policy"), "same-origin");
    }
    // As JSON, it is data, and no browser takes it for a page.
    assertEquals((await json(pathOf(row))).subject, "<img src=x onerror=alert(1)>");
  }));

Deno.test("inbox does not take a message apart that is larger than it can afford", () =>
  withInbox({ deliver: { memory: 10 } }, async ({ json, send, listed, fetch }) => {
    await send(`Subject: large\n\n${`${"x".repeat(900)}\n`.repeat(37_500)}`);
    const [row] = await listed(1);
    const message = await json(pathOf(row));
    assertEquals(
      message.problem,
      "This message is too large, or has too many parts; its source can be saved",
    );
    assertEquals(message.subject, "large");
    const source = await fetch(pathOf(row, "/source"));
    let size = 0;
    for await (const bytes of source.body!) size += bytes.length;
    assertEquals(size, row.size);
  }));
