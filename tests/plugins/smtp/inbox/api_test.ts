import smtp from "../../../../plugins/smtp/mod.ts";
import { Maildir } from "../../../../services/mail/maildir.ts";
import { MaildirNames } from "../../../../services/mail/maildir_names.ts";
import { assert, assertEquals, assertStringIncludes } from "../../../assert.ts";
import type { Options } from "../_scene.ts";
import { pathOf, withInbox } from "./_scene.ts";

const hello =
  "From: =?utf-8?q?J=C3=BCrgen?= <j@far.test>\nTo: Ann <ann@here.test>, bob@here.test\nSubject: Hello\n\nhi\n";
const offer = `From: shop@far.test
Subject: An
 offer
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html

<p>Buy <img src="cid:logo@x"></p>
--b
Content-Type: image/png
Content-ID: <logo@x>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

iVBORw==
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="../../etc/pass\u202ewd.pdf"

%PDF
--b--
`;

for (const [store, deliver] of Object.entries({ Maildirs: null, memory: { memory: 100 } })) {
  const options: Options = deliver === null ? {} : { deliver };

  Deno.test(`inbox lists, searches, shows and deletes what is in ${store}`, () =>
    withInbox(options, async ({ json, fetch, status, send, listed }) => {
      assertEquals(await json("/api/messages"), { rows: [], total: 0, progress: { read: 0, messages: 0 } });
      await send(hello, offer);
      const [newest, oldest] = await listed(2);
      assertEquals([newest.subject, newest.from, newest.attachments, newest.mailbox], [
        "An offer",
        "shop@far.test",
        true,
        "inbox",
      ]);
      assertEquals([oldest.from, oldest.to], ["Jürgen <j@far.test>", "Ann <ann@here.test>, bob@here.test"]);
      assertEquals(oldest.attachments, false);
      assert(Math.abs(oldest.receivedAt - Date.now()) < 60_000 && oldest.size > hello.length);

      const subjects = async (query: string) =>
        (await json(`/api/messages?${query}`)).rows.map(({ subject }: { subject: string }) => subject);
      assertEquals(await subjects("search=JÜRGEN+hello"), ["Hello"]);
      assertEquals(await subjects("search=bob%40here"), ["Hello"]);
      assertEquals(await subjects("search=jürgen+offer"), []);
      assertEquals(await subjects("search=(.*"), []);
      assertEquals(await subjects("limit=1"), ["An offer"]);
      assertEquals(await subjects("limit=1&offset=1"), ["Hello"]);
      assertEquals(await subjects("offset=7&limit=x"), []);

      const message = await json(pathOf(newest));
      assertEquals([message.html, message.problem, message.subject], [true, null, "An offer"]);
      assertEquals(message.attachments, [
        { name: "logo.png", type: "image/png", size: 4 },
        { name: ".._.._etc_passwd.pdf", type: "application/pdf", size: 5 },
      ]);
      assertEquals(
        message.headers.find(({ name }: { name: string }) => name === "Subject").value,
        "An offer",
      );
      assertEquals((await json(pathOf(oldest))).text, "hi\n");

      const html = await fetch(pathOf(newest, "/html"));
      assertStringIncludes(await html.text(), `<img src="data:image/png;base64,iVBORw==">`);
      const policy = html.headers.get("content-security-policy")!;
      assertStringIncludes(policy, "sandbox allow-popups");
      assertStringIncludes(policy, "default-src 'none'; img-src data:;");
      assert(!/allow-scripts|allow-same-origin|allow-forms|https?:|\*/.test(policy), policy);
      assertEquals(await status(pathOf(oldest, "/html")), 404);

      const source = await fetch(pathOf(oldest, "/source"));
      assertEquals(source.headers.get("content-type"), "text/plain;charset=utf-8");
      assert((await source.text()).endsWith("Subject: Hello\r\n\r\nhi\r\n"));
      const saved = await fetch(pathOf(oldest, "/source?download"));
      assertStringIncludes(saved.headers.get("content-disposition")!, "attachment");
      await saved.body!.cancel();
      const attachment = await fetch(pathOf(newest, "/attachments/1"));
      assertEquals(attachment.headers.get("content-type"), "application/octet-stream");
      assertEquals(
        attachment.headers.get("content-disposition"),
        "attachment; filename*=UTF-8''.._.._etc_passwd.pdf",
      );
      assertEquals(await attachment.text(), "%PDF\n");
      assertEquals(await status(pathOf(newest, "/attachments/2")), 404);

      assertEquals(await json(pathOf(newest), { method: "DELETE" }), { removed: 1 });
      assertEquals(await status(pathOf(newest)), 404);
      await listed(1);
      await send(hello, offer, offer);
      await listed(4);
      assertEquals(await json("/api/messages?search=offer", { method: "DELETE" }), { removed: 2 });
      assertEquals(await json("/api/messages", { method: "DELETE" }), { removed: 2 });
      await listed(0);
    }));

  Deno.test(`inbox tells of what comes and goes in ${store} while somebody listens`, () =>
    withInbox(options, async ({ url, json, send }) => {
      const reply = await fetch(`${url}/api/events`);
      assertEquals(reply.headers.get("content-type"), "text/event-stream");
      const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      const until = async (pattern: RegExp) => {
        while (!pattern.test(text)) text += (await reader.read()).value;
        const found = pattern.exec(text)!;
        text = text.slice(found.index + found[0].length);
        return JSON.parse(found[1]!);
      };
      await until(/event: progress\ndata: (.*)\n\n/);
      await send(hello);
      const { added, progress } = await until(/event: change\ndata: (.*)\n\n/);
      assertEquals([added.length, added[0].subject, progress], [1, "Hello", { read: 1, messages: 1 }]);
      await json(pathOf(added[0]), { method: "DELETE" });
      const { removed } = await until(/event: change\ndata: (.*)\n\n/);
      assertEquals(removed, [added[0].id]);
      await send(...Array(60).fill(hello));
      for (let count = 0; count < 60;) {
        count = (await until(/event: (?:change|reload)\ndata: (.*)\n\n/)).progress.messages;
      }
      assertEquals(await json("/api/messages", { method: "DELETE" }), { removed: 60 });
      // So many are not told one by one.
      assertEquals((await until(/event: reload\ndata: (.*)\n\n/)).progress.messages, 0);
      await reader.cancel();
    }));
}

Deno.test("inbox shows what was there before, and what other programs do to a mailbox", () =>
  withInbox({}, async ({ folder, send, listed, status, json }) => {
    const other = new Maildir(`${folder}/inbox`, { names: new MaildirNames({ host: "other" }) });
    await send(hello);
    const [first] = await listed(1);
    const entry = await other.deliver(new TextEncoder().encode(offer));
    const [second] = await listed(2);
    assertEquals(second.subject, "An offer");
    await other.setFlags(entry, "S");
    await listed(2);
    assertEquals((await json(pathOf(second))).subject, "An offer");
    await other.delete((await other.list()).filter(({ unique }) => first.id.endsWith(unique)));
    await listed(1);
    assertEquals(await status(pathOf(first)), 404);
    await Deno.remove(folder, { recursive: true });
    await Deno.mkdir(folder);
    await listed(0);
  }));

Deno.test("inbox keeps no more than memory does", () =>
  withInbox({ deliver: { memory: 2 } }, async ({ send, listed }) => {
    await send(hello, offer, hello);
    assertEquals((await listed(2)).map(({ subject }) => subject), ["Hello", "An offer"]);
  }));

Deno.test("inbox shows outgoing mail, tries it again and drops it", async () => {
  const queue = await Deno.makeTempDir({ prefix: "heddle_queue_" });
  // Nobody listens there.
  const relay = { queue, smarthost: "tcp:127.0.0.1:1", retry: "1h" };
  try {
    await withInbox({ domains: ["ours.test"], relay, trusted: ["127.0.0.1"] }, async ({ json, send }) => {
      assertEquals(await json("/api/queue"), { available: true, messages: [] });
      await send(hello);
      const waiting = async (attempts: number) => {
        for (;;) {
          const { messages } = await json("/api/queue");
          if (messages[0]?.attempts === attempts && messages[0].nextAttempt !== null) return messages[0];
        }
      };
      const { id, recipients } = await waiting(1);
      assertEquals(recipients.map(({ address, state }: Record<string, string>) => [address, state]), [
        ["x@here.test", "waiting"],
      ]);
      assertEquals(await json(`/api/queue/${id}/retry`, { method: "POST" }), { retried: 1 });
      await waiting(2);
      assertEquals(await json("/api/queue/retry", { method: "POST" }), { retried: 1 });
      await waiting(3);
      assertEquals(await json(`/api/queue/${id}`, { method: "DELETE" }), { dropped: 1 });
      assertEquals(await json("/api/queue"), { available: true, messages: [] });
    });
  } finally {
    await Deno.remove(queue, { recursive: true });
  }
  await withInbox({}, async ({ json }) => {
    assertEquals(await json("/api/queue"), { available: false, messages: [] });
  });
});

Deno.test("inbox lets nobody in by another name, from another site, or without the password", async () => {
  await withInbox({}, async ({ url, send, listed }) => {
    await send(hello);
    const [row] = await listed(1);
    const { port } = new URL(url);
    const status = (method: string, path: string, headers: Record<string, string>) =>
      statusOf(port, method, path, { host: `127.0.0.1:${port}`, ...headers });
    for (
      const host of ["localhost", `localhost:${port}`, "app.localhost", "127.0.0.1", "[::1]:1", "192.0.2.7"]
    ) {
      assertEquals(await status("GET", "/", { host }), 200, host);
    }
    for (const host of ["evil.test", `evil.test:${port}`, "localhost.evil.test", "127.0.0.1.evil.test"]) {
      assertEquals(await status("GET", "/", { host }), 403, host);
      assertEquals(await status("GET", "/api/messages", { host }), 403, host);
    }
    const path = pathOf(row);
    assertEquals(await status("DELETE", path, { origin: "http://evil.test" }), 403);
    assertEquals(await status("DELETE", path, { origin: "null" }), 403);
    assertEquals(await status("DELETE", path, { origin: `http://127.0.0.1:${Number(port) + 1}` }), 403);
    assertEquals(await status("DELETE", path, { "sec-fetch-site": "same-site" }), 403);
    assertEquals(await status("GET", "/api/messages", { "sec-fetch-site": "cross-site" }), 403);
    assertEquals(
      await status("GET", "/", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }),
      200,
    );
    assertEquals(await status("POST", "/api/messages", {}), 405);
    assertEquals(await status("GET", "/api/nothing", {}), 404);
    assertEquals(await status("GET", "/api/messages/%ff", {}), 400);
    assertEquals(await status("DELETE", path, { origin: `http://127.0.0.1:${port}` }), 200);
  });
  await withInbox({ inbox: "tcp:0.0.0.0:0", inboxPassword: "long enough" }, async ({ url }) => {
    const { port } = new URL(url);
    const status = (authorization?: string) =>
      statusOf(port, "GET", "/api/messages", {
        host: "mail.example.org",
        ...(authorization === undefined ? {} : { authorization }),
      });
    assertEquals(await status(), 401);
    assertEquals(await status("Bearer long enougH"), 401);
    assertEquals(await status(`Basic ${btoa("anybody:long enough")}`), 200);
    assertEquals(await status("Basic %%%"), 401);
  });
});

/** Ask with any header whatever, as no browser would. */
async function statusOf(
  port: string,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<number> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const fields = Object.entries({ ...headers, connection: "close" }).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  await conn.write(new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\n${fields.join("")}\r\n`));
  return Number((await new Response(conn.readable).text()).split(" ")[1]);
}

Deno.test("smtp wants a password for an inbox that other machines can reach", async () => {
  const problemsOf = async (options: Options) => {
    const read = await smtp.options["~standard"].validate(options);
    if (read.issues !== undefined) return read.issues.map(({ message }) => message);
    return smtp.check!(read.value).map(({ path, message }) => `${path?.join(".")}: ${message}`);
  };
  const demanded =
    "inboxPassword: must be given: the inbox can be reached from other machines; or let it listen on 127.0.0.1";
  for (
    const inbox of [
      "tcp:8025",
      "tcp:8025:backlog=10",
      "tcp:[::1]:8025",
      "tcp:8025:interface=127.0.0.2",
      "unix:/run/inbox",
      { tcp: 8025 },
    ]
  ) {
    assertEquals(await problemsOf({ inbox }), [], JSON.stringify(inbox));
  }
  for (
    const inbox of [
      "tcp:0.0.0.0:8025",
      "tcp:8025:interface=0.0.0.0",
      "tcp:[::]:8025",
      { tcp: 8025, interface: "10.0.0.1" },
      "haproxy:tcp:8025",
    ]
  ) {
    assertEquals(await problemsOf({ inbox }), [demanded], JSON.stringify(inbox));
    assertEquals(await problemsOf({ inbox, inboxPassword: "long enough" }), []);
  }
  assertEquals(await problemsOf({ inbox: "tcp:8025", deliver: "discard" }), [
    "inbox: has nothing to show: deliver into Maildirs or memory",
  ]);
});
