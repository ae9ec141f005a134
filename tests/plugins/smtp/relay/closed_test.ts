import { memoryMail } from "../../../../services/mail/memory_mail.ts";
import { assert, assertEquals } from "../../../assert.ts";
import { bytesOf, codes } from "../_scene.ts";
import { RelayScene } from "./_scene.ts";

const MAIL = "MAIL FROM:<alice@here.test>";
const FAR = "RCPT TO:<b@there.test>";
const login = (password: string) => `AUTH PLAIN ${btoa(`\0alice\0${password}`)}`;

/** A relay for its users and for 192.0.2.0/24, with a proxy at 127.0.0.1, where its clients are. */
function makeScene(): RelayScene {
  return new RelayScene({ trusted: ["192.0.2.0/24"], xclient: ["127.0.0.1"], insecureAuth: true });
}

/** All that a client says, in one packet, and a message at the end. The codes of the replies. */
async function converse(scene: RelayScene, ...lines: string[]): Promise<string[]> {
  const client = await scene.app.connect();
  await client.send(bytesOf([...lines, "DATA", "Subject: x", ".", "QUIT", ""].join("\r\n")));
  return codes(`${await client.receivedUntil("221 2.0.0")}\r\n`);
}

const conversations: Record<string, readonly string[]> = {
  "says nothing about itself": ["EHLO c", MAIL, FAR],
  "calls itself what is trusted": ["EHLO [192.0.2.7]", MAIL, FAR],
  "calls itself us": ["EHLO mx.test", "MAIL FROM:<postmaster@mx.test>", FAR],
  "says that somebody else has vouched for it": ["EHLO c", "MAIL FROM:<alice@here.test> AUTH=alice", FAR],
  "logs in with a wrong password": ["EHLO c", login("wrong"), MAIL, FAR],
  "logs in with no password": ["EHLO c", `AUTH PLAIN ${btoa("\0alice\0")}`, MAIL, FAR],
  "logs in as another": ["EHLO c", `AUTH PLAIN ${btoa("bob\0alice\0secret")}`, MAIL, FAR],
  "takes its login back": ["EHLO c", "AUTH PLAIN", "*", MAIL, FAR],
  "stops halfway through its login": ["EHLO c", "AUTH LOGIN", btoa("alice"), "*", MAIL, FAR],
  "begins a login within a transaction": ["EHLO c", MAIL, login("secret"), FAR],
  "is another one than who has logged in": [
    ...["EHLO c", login("secret"), "XCLIENT ADDR=203.0.113.9", "EHLO d", MAIL, FAR],
  ],
  "is another one than who was trusted": [
    ...["XCLIENT ADDR=192.0.2.7", "EHLO c", "XCLIENT ADDR=203.0.113.9", "EHLO d", MAIL, FAR],
  ],
  "is nobody whom the proxy knows": [
    "XCLIENT ADDR=[UNAVAILABLE] NAME=mx.test LOGIN=[UNAVAILABLE]",
    "EHLO c",
    MAIL,
    FAR,
  ],
  "is behind a proxy that tells its name alone": ["XCLIENT NAME=trusted.test", "EHLO c", MAIL, FAR],
  "has an address like a trusted one": ["XCLIENT ADDR=IPV6:2001:db8::192.0.2.7", "EHLO c", MAIL, FAR],
  "has an address that is none": ["XCLIENT ADDR=192.0.2.07", "EHLO c", MAIL, FAR],
};

for (const [what, lines] of Object.entries(conversations)) {
  Deno.test(`a relay takes no mail for elsewhere from a client that ${what}`, async () => {
    await using scene = makeScene();
    await scene.start();
    const replies = await converse(scene, ...lines);
    assert(["550 5.7.1", "503 5.5.1"].includes(replies.at(-5)!), replies.join(", "));
    assertEquals(await scene.queue.list(), []);
  });
}

const recipients = [
  "b@there.test",
  "@here.test:b@there.test",
  "@here.test,@mx.test:b@there.test",
  "b%there.test@here.test",
  "b%there.test",
  "there.test!b@here.test",
  "there.test!b",
  '"b@there.test"@here.test',
  '"b@there.test"',
  '"b%there.test"@here.test',
  "b@there.test@here.test",
  "b@here.test@there.test",
  "b@here.test,b@there.test",
  "b@[192.0.2.7]",
  "b@[127.0.0.1]",
  "b@[IPv6:::1]",
  "b@[here.test]",
  "b@127.0.0.1",
  "b@",
  "b@.",
  "b@.here.test",
  "b@here.test..",
  "b@here.test.there.test",
  "b@there.test.",
  "b@mx.test",
  "b@h\u0435re.test",
  "b@here\u3002there.test",
  "b@\u00ad",
  "b@here.test\0@there.test",
  "postmaster@there.test",
  "postmaster%there.test",
];

Deno.test("a relay takes nothing for elsewhere from a stranger, however it is written", async () => {
  await using scene = makeScene();
  await scene.start();
  for (const recipient of recipients) {
    const client = await scene.app.connect();
    const lines = ["EHLO c", `${MAIL} SMTPUTF8`, `RCPT TO:<${recipient}>`, "DATA", "QUIT", ""];
    await client.send(new TextEncoder().encode(lines.join("\r\n")));
    const replies = codes(`${await client.receivedUntil("221 2.0.0")}\r\n`);
    const [greeting, hello, sender, verdict, data] = replies;
    assertEquals([greeting, hello, sender, data], ["220", "250", "250 2.1.0", "503 5.5.1"], recipient);
    assert(/^(550 5\.7\.1|550 5\.1\.1|501 5\.1\.3|500 5\.5\.2)$/.test(verdict!), `${recipient}: ${verdict}`);
  }
  assertEquals(await scene.queue.list(), []);
  assertEquals(scene.app.get(memoryMail).messages, []);
});

Deno.test("a relay with a catch-all keeps what looks like mail for elsewhere, and passes nothing on", async () => {
  await using scene = new RelayScene({ trusted: [], catchAll: "inbox" });
  await scene.start();
  const odd = ["b%there.test@here.test", '"b@there.test"@here.test', "there.test!b@here.test"];
  assertEquals(await scene.send({ to: odd }), "250");
  assertEquals(await scene.queue.list(), []);
  assertEquals(scene.app.get(memoryMail).messages.length, 1);
});

Deno.test("a relay takes mail for elsewhere from users and trusted networks, also after RSET and EHLO", async () => {
  await using scene = makeScene();
  await scene.start({ listening: false });
  const known = [
    ["EHLO c", login("secret"), "RSET", MAIL, FAR],
    ["EHLO c", login("secret"), "EHLO c", MAIL, "RSET", MAIL, FAR],
    ["EHLO c", login("wrong"), login("secret"), MAIL, FAR],
    ["XCLIENT ADDR=192.0.2.7", "EHLO c", MAIL, FAR],
    ["XCLIENT ADDR=IPV6:::ffff:192.0.2.7", "EHLO c", MAIL, FAR],
    ["XCLIENT ADDR=203.0.113.9 LOGIN=alice", "EHLO c", MAIL, FAR],
  ];
  for (const lines of known) {
    assertEquals((await converse(scene, ...lines)).slice(-4), ["250 2.1.5", "354", "250 2.0.0", "221 2.0.0"]);
  }
  assertEquals((await scene.queue.list()).length, known.length);
});
