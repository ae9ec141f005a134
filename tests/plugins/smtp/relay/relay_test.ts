import { parseMessage } from "./_parse.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../../assert.ts";
import { memoryMail } from "../../../../services/mail/memory_mail.ts";
import { latin1 } from "../_scene.ts";
import { EPOCH, fakeDns, FakeServer, RelayScene, type Taken } from "./_scene.ts";

Deno.test("relay passes a message on to the smarthost, once for all of its recipients", async () => {
  await using scene = new RelayScene();
  await scene.start();
  assertEquals(await scene.send({ to: ["jane@there.test", "joe@elsewhere.test"] }), "250");
  const [taken] = await scene.next.took(1);
  assertEquals([taken!.from, taken!.to], ["alice@here.test", ["jane@there.test", "joe@elsewhere.test"]]);
  assert(/^Received: from client\.test \(\[127\.0\.0\.1\]\)\r\n/.test(taken!.data), taken!.data);
  assertStringIncludes(taken!.data, "\r\nSubject: hi\r\n\r\nhello\r\n");
  assertEquals(await settledQueue(scene), []);
});

Deno.test("relay sends dots, long lines and large messages as they came", async () => {
  await using scene = new RelayScene();
  await scene.start();
  const line = `${"x".repeat(996)}\r\n`;
  for (const text of ["..\r\n..a\r\n", `Subject: large\r\n\r\n${line.repeat(400)}`]) {
    assertEquals(await scene.send({ text }), "250");
  }
  const taken = await scene.next.took(2);
  const bodies = taken.map(({ data }) => data.replace(/^Received: .*\r\n(\t.*\r\n)+/, "")).sort();
  assertEquals(bodies, [".\r\n.a\r\n", `Subject: large\r\n\r\n${line.repeat(400)}`]);
});

Deno.test("relay puts a message into mailboxes here and into the queue, as its recipients are", async () => {
  await using scene = new RelayScene({ aliases: { team: ["alice", "carol@there.test"] } });
  await scene.start();
  assertEquals(await scene.send({ to: ["bob@here.test", "team@here.test", "jane@there.test"] }), "250");
  const [taken] = await scene.next.took(1);
  assertEquals(taken!.to, ["carol@there.test", "jane@there.test"]);
  const [message] = scene.app.get(memoryMail).messages;
  assertEquals(message!.mailboxes, ["bob", "alice"]);
  assert(latin1(message!.bytes).startsWith("Return-Path: <alice@here.test>\r\nReceived: "));
  assert(!taken!.data.includes("Return-Path"), "only who delivers for good writes Return-Path");
});

Deno.test("relay keeps what it has taken over a restart, and delivers it then", async () => {
  await using scene = new RelayScene();
  await scene.start({ listening: false });
  assertEquals(await scene.send(), "250");
  await logged(scene, "Delivery put off");
  await scene.stop();
  await scene.start();
  const [waiting] = await scene.queue.list();
  assertEquals(waiting!.attempts, 1);
  assertStringIncludes(waiting!.recipients[0]!.answer!, "connection refused");
  await scene.app.advance(60_000);
  assertEquals((await scene.next.took(1))[0]!.to, ["jane@there.test"]);
});

Deno.test("relay tries again after one, two, four minutes, up to the longest wait, and then gives up", async () => {
  const next = new FakeServer({ answer: (line) => line.startsWith("MAIL") ? "451 4.3.2 later" : undefined });
  await using scene = new RelayScene({
    relay: { queue: "", retry: "1m", longestRetry: "5m", giveUp: "20m" },
  }, next);
  await scene.start();
  assertEquals(await scene.send(), "250");
  const waits: number[] = [];
  let last = 0;
  for (let attempt = 1; attempt <= 6; attempt++) {
    await logged(scene, "Delivery put off", attempt);
    const due = (await settledQueue(scene))[0]!.nextAttempt! - EPOCH;
    waits.push((due - last) / 60_000);
    last = due;
    await scene.app.advance(due - scene.app.reactor.now());
  }
  assertEquals(waits, [1, 2, 4, 5, 5, 3]);
  await logged(scene, "Delivery failed for good");
  await untilMail(scene, 1);
  const report = parseMessage(scene.app.get(memoryMail).messages[0]!.bytes);
  assertStringIncludes(report.status, "Status: 4.4.7\r\n");
  assertStringIncludes(report.text, "Given up, the last answer was: 451 4.3.2 later");
});

Deno.test("relay reports what is refused for good to the sender, and tries the rest again", async () => {
  const next = new FakeServer({
    answer: (line) =>
      line.includes("gone@")
        ? "550-5.1.1 No such\r\n550 5.1.1 user"
        : line.includes("busy@")
        ? "450 4.2.1 later"
        : undefined,
  });
  await using scene = new RelayScene({}, next);
  await scene.start();
  const code = await scene.send({
    to: ["gone@there.test", "busy@there.test", "jane@there.test"],
    mail: " ENVID=QQ+2B1",
    rcpt: " ORCPT=rfc822;other@x.test",
    text: "Subject: s\u00e9cret\r\n\r\nbody\r\n",
  });
  assertEquals(code, "250");
  assertEquals((await scene.next.took(1))[0]!.to, ["jane@there.test"]);
  await untilMail(scene, 1);
  const [message] = scene.app.get(memoryMail).messages;
  assertEquals([message!.sender, message!.mailboxes], ["", ["alice"]]);
  const report = parseMessage(message!.bytes);
  assertEquals(report.type, "multipart/report; report-type=delivery-status;");
  assertEquals(report.headers["auto-submitted"], "auto-replied");
  assertStringIncludes(report.text, "<gone@there.test>:\r\n    550 5.1.1 No such 5.1.1 user");
  assertEquals(
    report.status,
    [
      "Reporting-MTA: dns; mx.test",
      "Original-Envelope-Id: QQ+1",
      "Arrival-Date: Tue, 01 Jan 2030 00:00:00 +0000",
      "",
      "Original-Recipient: rfc822; other@x.test",
      "Final-Recipient: rfc822; gone@there.test",
      "Action: failed",
      "Status: 5.1.1",
      "Diagnostic-Code: smtp; 550 5.1.1 No such 5.1.1 user",
      "",
    ].join("\r\n"),
  );
  assertStringIncludes(report.returned, "\r\nSubject: s\u00e9cret");
  assert(!report.returned.includes("body"), "only the header is returned");
  const [waiting] = await settledQueue(scene);
  assertEquals(waiting!.recipients.map(({ state }) => state), ["failed", "waiting", "delivered"]);
  scene.next.manners = {};
  await scene.app.advance(60_000);
  assertEquals((await scene.next.took(2))[1]!.to, ["busy@there.test"]);
});

Deno.test("relay reports nothing about <>, nor where the sender wants no report", async () => {
  const next = new FakeServer({ answer: (line) => line.startsWith("RCPT") ? "550 5.1.1 no" : undefined });
  await using scene = new RelayScene({}, next);
  await scene.start();
  assertEquals(await scene.send({ from: "" }), "250");
  assertEquals(await scene.send({ rcpt: " NOTIFY=NEVER" }), "250");
  assertEquals(await scene.send({ rcpt: " NOTIFY=SUCCESS,DELAY" }), "250");
  await logged(scene, "Delivery failed for good", 3);
  assertEquals(await settledQueue(scene), []);
  assertEquals(scene.app.get(memoryMail).messages, []);
});

Deno.test("relay sends a report by the way of other mail when the sender is elsewhere", async () => {
  const next = new FakeServer({ answer: (line) => line.includes("<gone@") ? "550 no" : undefined });
  await using scene = new RelayScene({ aliases: { old: "gone@there.test" } }, next);
  await scene.start();
  assertEquals(await scene.send({ from: "stranger@far.test", to: ["old@here.test"] }), "250");
  const [report] = await scene.next.took(1);
  assertEquals([report!.from, report!.to], ["", ["stranger@far.test"]]);
  assertStringIncludes(report!.data, "Original-Recipient: rfc822; old@here.test\r\n");
  assertStringIncludes(report!.data, "Status: 5.0.0\r\n");
});

Deno.test("relay reports to whoever asked for it that a server without DSN has taken their mail", async () => {
  await using scene = new RelayScene();
  await scene.start();
  assertEquals(await scene.send({ rcpt: " NOTIFY=SUCCESS", mail: " RET=FULL" }), "250");
  await untilMail(scene, 1);
  const report = parseMessage(scene.app.get(memoryMail).messages[0]!.bytes);
  assertStringIncludes(report.status, "Action: relayed\r\nStatus: 2.0.0\r\n");
  assertEquals(report.returned.includes("hello"), false, "RET is about failures alone");
});

Deno.test("relay reports to whoever asked for it that their mail lies in a mailbox here", async () => {
  await using scene = new RelayScene({ aliases: { team: ["alice", "bob", "eve@there.test"] } });
  await scene.start();
  const asked = {
    mail: " RET=FULL ENVID=order-7",
    rcpt: " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Team@Here.test",
  };
  assertEquals(await scene.send({ to: ["team@here.test"], ...asked }), "250");
  // The message; a report about those, and one about the recipient elsewhere.
  await untilMail(scene, 3);
  const reports = scene.app.get(memoryMail).messages.slice(1).map(({ bytes }) => parseMessage(bytes));
  const [here] = reports.filter(({ status }) => status.includes("Action: delivered\r\nStatus: 2.0.0\r\n"));
  assertStringIncludes(here!.status, "Original-Envelope-Id: order-7\r\n");
  assertStringIncludes(here!.status, "Original-Recipient: rfc822; Team@Here.test\r\n");
  assertStringIncludes(here!.status, "Final-Recipient: rfc822; team@here.test\r\n");
  assertStringIncludes(here!.returned, "Subject: hi");
  assertEquals(here!.returned.includes("hello"), false, "RET is about failures alone");
  assertEquals(reports.filter(({ status }) => status.includes("Action: relayed")).length, 1);
});

Deno.test("relay reports no delivery to a mailbox here that nobody asked about, and never to <>", async () => {
  await using scene = new RelayScene();
  await scene.start();
  await scene.send({ to: ["bob@here.test"] });
  await scene.send({ to: ["bob@here.test"], rcpt: " NOTIFY=FAILURE,DELAY" });
  await scene.send({ to: ["bob@here.test"], rcpt: " NOTIFY=NEVER" });
  await scene.send({ from: "", to: ["bob@here.test"], rcpt: " NOTIFY=SUCCESS" });
  assertEquals(await scene.queue.list(), []);
  assertEquals(scene.app.get(memoryMail).messages.length, 4);
});

Deno.test("relay sends a report of a delivery here to a sender elsewhere", async () => {
  await using scene = new RelayScene();
  await scene.start();
  await scene.send({ from: "jane@there.test", to: ["bob@here.test"], rcpt: " NOTIFY=SUCCESS" });
  const [report] = await scene.next.took(1);
  assertEquals([report!.from, report!.to], ["", ["jane@there.test"]]);
  assertStringIncludes(report!.data, "Action: delivered\r\n");
});

Deno.test("relay uses what the next server offers, and only that", async () => {
  const next = new FakeServer({ extensions: ["PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN"] });
  await using scene = new RelayScene({}, next);
  await scene.start();
  const jose = "jos\u00e9@there.test";
  const parameters = {
    mail: " SMTPUTF8 RET=HDRS ENVID=a+2Bb",
    rcpt: " NOTIFY=FAILURE ORCPT=rfc822;x+3Dy@z.test",
  };
  assertEquals(await scene.send({ to: [jose], ...parameters }), "250");
  await next.took(1);
  const [, mail, rcpt] = next.lines;
  assert(
    /^MAIL FROM:<alice@here\.test> SIZE=\d+ BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a\+2Bb$/.test(mail!),
    mail,
  );
  assertEquals(rcpt, `RCPT TO:<${jose}> NOTIFY=FAILURE ORCPT=rfc822;x+3Dy@z.test`);
});

Deno.test("relay speaks HELO to a server that knows no EHLO, and one command at a time", async () => {
  const next = new FakeServer({ answer: (line) => line.startsWith("EHLO") ? "502 what?" : undefined });
  await using scene = new RelayScene({}, next);
  await scene.start();
  assertEquals(await scene.send({ mail: " BODY=8BITMIME RET=FULL" }), "250");
  await next.took(1);
  assertEquals(next.lines.slice(0, 5), [
    "EHLO mx.test",
    "HELO mx.test",
    "MAIL FROM:<alice@here.test>",
    "RCPT TO:<jane@there.test>",
    "DATA",
  ]);
});

for (
  const [what, extensions, mail, to, status] of [
    ["UTF-8 addresses", ["8BITMIME"], " SMTPUTF8", "jos\u00e9@there.test", "5.6.7"],
    ["octets beyond ASCII", ["SIZE"], "", "jane@there.test", "5.6.3"],
    ["so large a message", ["SIZE 100", "8BITMIME"], "", "jane@there.test", "5.3.4"],
  ] as const
) {
  Deno.test(`relay returns a message to a server that does not take ${what}`, async () => {
    await using scene = new RelayScene({}, new FakeServer({ extensions }));
    await scene.start();
    assertEquals(await scene.send({ to: [to], mail, text: "Subject: \u00e9\r\n\r\nx\r\n" }), "250");
    await untilMail(scene, 1);
    const report = parseMessage(scene.app.get(memoryMail).messages[0]!.bytes);
    assertStringIncludes(report.status, `Status: ${status}\r\n`);
  });
}

Deno.test("relay sends an empty message where a server takes nobody and goes on all the same", async () => {
  const next = new FakeServer({
    answer: (line) => line.startsWith("RCPT") ? "450 no" : line === "DATA" ? "354 go" : undefined,
  });
  await using scene = new RelayScene({}, next);
  await scene.start();
  assertEquals(await scene.send(), "250");
  await logged(scene, "Delivery put off");
  assertEquals(next.taken.map(({ to, data }) => [to, data]), [[[], ""]]);
});

Deno.test("relay sends one message after the other over one connection, and says goodbye when there is no more", async () => {
  await using scene = new RelayScene({ relay: { queue: "", connectionsPerDestination: 1 } });
  await scene.start();
  for (let i = 0; i < 5; i++) assertEquals(await scene.send(), "250");
  await scene.next.took(5);
  await logged(scene, "Message delivered", 5);
  assertEquals(scene.next.connections, 1);
  await scene.app.advance(5_000);
  await scene.next.until(() => scene.next.lines.at(-1) === "QUIT");
});

Deno.test("relay has no more connections with a server than it may", async () => {
  const next = new FakeServer();
  await using scene = new RelayScene({ relay: { queue: "", connectionsPerDestination: 2 } }, next);
  await scene.start({ listening: false });
  for (let i = 0; i < 8; i++) assertEquals(await scene.send(), "250");
  await logged(scene, "Delivery put off", 8);
  await scene.listen();
  await settledQueue(scene, 8);
  assertEquals(await scene.queue.retry(), 8);
  await next.took(8);
  assertEquals(next.connections, 2);
});

Deno.test("relay does not take a connection that breaks for a delivery, wherever it breaks", async () => {
  const next = new FakeServer();
  await using scene = new RelayScene({}, next);
  await scene.start();
  for (const [at, place] of ["EHLO", "MAIL", "RCPT", "DATA", "."].entries()) {
    next.manners = { answer: (line) => line.startsWith(place) ? null : undefined };
    assertEquals(await scene.send(), "250");
    await logged(scene, "Delivery put off", at + 1);
    assertEquals(next.taken, []);
  }
  next.manners = {};
  await settledQueue(scene, 5);
  assertEquals(await scene.queue.retry(), 5);
  await next.took(5);
});

Deno.test("relay never ends a message that it cannot read to its end", async () => {
  await using scene = new RelayScene();
  await scene.start({ listening: false });
  assertEquals(
    await scene.send({ text: `Subject: x\r\n\r\n${`${"x".repeat(900)}\r\n`.repeat(300)}` }),
    "250",
  );
  await logged(scene, "Delivery put off");
  const [{ name }] = [...Deno.readDirSync(`${scene.folder}/queue/large`)] as [Deno.DirEntry];
  Deno.removeSync(`${scene.folder}/queue/large/${name}`);
  await scene.listen();
  await settledQueue(scene, 1);
  await scene.queue.retry();
  await logged(scene, "Delivery put off", 2);
  assertEquals([scene.next.lines.at(-1), scene.next.taken], ["DATA", []]);
  assertEquals(await scene.send({ text: "next\r\n" }), "250");
  const [{ data }] = await scene.next.took(1) as [Taken];
  assert(data.startsWith("Received: ") && data.endsWith("\r\nnext\r\n"), data);
});

Deno.test("relay does what it is told: messages can be listed, tried again and dropped", async () => {
  await using scene = new RelayScene();
  await scene.start({ listening: false });
  for (const to of ["one@there.test", "two@there.test"]) assertEquals(await scene.send({ to: [to] }), "250");
  await logged(scene, "Delivery put off", 2);
  const [one, two] = await settledQueue(scene, 2);
  const { id, size, recipients, ...rest } = one!;
  assertEquals(rest, {
    sender: "alice@here.test",
    receivedAt: EPOCH,
    attempts: 1,
    nextAttempt: EPOCH + 60_000,
  });
  assertEquals(recipients.map(({ address, state }) => [address, state]), [["one@there.test", "waiting"]]);
  assert(size > 100);
  assertEquals([await scene.queue.drop([id, "nonsense"]), await scene.queue.retry(["nonsense"])], [1, 0]);
  await scene.listen();
  assertEquals(await scene.queue.retry([two!.id]), 1);
  assertEquals((await scene.next.took(1))[0]!.to, ["two@there.test"]);
  await scene.app.advance(600_000);
  assertEquals(scene.next.taken.length, 1);
});

Deno.test("relay lets a message come to its end when it stops, and does not wait for who says nothing", async () => {
  const next = new FakeServer({ answer: (line) => line === "." ? "silence" : undefined });
  await using scene = new RelayScene({}, next);
  const app = await scene.start();
  assertEquals(await scene.send(), "250");
  await next.until(() => next.ended === 1);
  next.manners = { answer: (line) => line === "" ? "silence" : undefined };
  assertEquals(await scene.send({ to: ["late@there.test"] }), "250");
  await next.until(() => next.connections === 2);
  const stopped = app.stop();
  await app.reactor.settle();
  next.manners = {};
  next.say!("250 2.0.0 taken");
  assertEquals(await stopped, []);
  await scene.stop();
  // It is tried at once: what the stop has cut short was no attempt, and is not counted.
  await scene.start({ listening: false });
  await logged(scene, "Delivery put off");
  const [late, ...others] = await settledQueue(scene);
  assertEquals([late!.recipients[0]!.address, late!.attempts, others], ["late@there.test", 1, []]);
});

Deno.test("relay lets only one process have a queue", async () => {
  await using scene = new RelayScene();
  await scene.start();
  const queue = `${scene.folder}/queue`;
  await using second = new RelayScene({ relay: { queue } });
  await assertRejects(() => second.start(), Error, `Cannot use queue "${queue}": another process has it`);
});

const mx = (host: string, preference: number) => ({ host, preference });

/** A relay that asks a DNS for its way. */
function direct(dns: Parameters<typeof fakeDns>, options: { next?: FakeServer } = {}): RelayScene {
  const relay = { queue: "", smarthost: undefined, port: 2600 };
  return new RelayScene({ relay: relay as never }, options.next, { resolver: fakeDns(...dns) });
}

Deno.test("relay asks the server of the lowest preference first, and the next one when that is away", async () => {
  const dns = { "there.test": [mx("b.there.test", 20), mx("a.there.test", 10), mx("c.there.test", 30)] };
  const hosts = {
    "a.there.test": ["127.0.0.3", "127.0.0.4"],
    "b.there.test": ["127.0.0.1"],
    "c.there.test": ["127.0.0.9"],
  };
  await using scene = direct([dns, hosts]);
  await scene.start();
  assertEquals(await scene.send({ to: ["x@there.test", "y@there.test"] }), "250");
  assertEquals((await scene.next.took(1))[0]!.to, ["x@there.test", "y@there.test"]);
});

Deno.test("relay goes each domain's own way, and to the domain itself where it names no server", async () => {
  const dns = { "one.test": [], "two.test": [mx("mail.two.test", 0)] };
  await using scene = direct([dns]);
  await scene.start();
  assertEquals(await scene.send({ to: ["x@one.test", "y@two.test", "z@[127.0.0.1]"] }), "250");
  const taken = await scene.next.took(3);
  assertEquals(taken.map(({ to }) => to.join()).sort(), ["x@one.test", "y@two.test", "z@[127.0.0.1]"]);
});

for (
  const [what, records, hosts, status] of [
    ["that takes no mail (null MX)", [mx("", 0)], {}, "5.1.10"],
    ["whose best server we are", [mx("MX.test", 10), mx("b.test", 20)], {}, "5.4.6"],
    ["whose servers have no address", [mx("b.test", 20)], { "b.test": [] }, "5.1.2"],
  ] as const
) {
  Deno.test(`relay returns mail for a domain ${what}`, async () => {
    await using scene = direct([{ "there.test": records }, hosts]);
    await scene.start();
    assertEquals(await scene.send(), "250");
    await untilMail(scene, 1);
    const report = parseMessage(scene.app.get(memoryMail).messages[0]!.bytes);
    assertStringIncludes(report.status, `Status: ${status}\r\n`);
  });
}

Deno.test("relay returns mail that a server with its own name would take", async () => {
  await using scene = direct([{ "there.test": [] }], { next: new FakeServer({ name: "mx.test" }) });
  await scene.start();
  assertEquals(await scene.send(), "250");
  await untilMail(scene, 1);
  assertEquals(scene.next.taken, []);
});

Deno.test("relay waits for a DNS that does not answer", async () => {
  await using scene = direct([{}]);
  await scene.start();
  assertEquals(await scene.send(), "250");
  await logged(scene, "Delivery put off");
  const [waiting] = await settledQueue(scene);
  assertEquals(waiting!.recipients[0]!.answer, 'Cannot look up "there.test": SERVFAIL');
});

/** Wait until the log has a message so often. */
function logged(scene: RelayScene, message: string, count = 1): Promise<void> {
  const { records } = scene.app.log;
  return eventually(() => records.filter((record) => record.message === message).length >= count);
}

/** Files take their time, and tell nobody. */
async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The queue, when nothing in it is under way and so many messages wait. */
async function settledQueue(scene: RelayScene, count = 0) {
  while (true) {
    const list = await scene.queue.list();
    if (list.length >= count && list.every(({ nextAttempt }) => nextAttempt !== null)) return list;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Wait until so many messages are in mailboxes here. */
function untilMail(scene: RelayScene, count: number): Promise<void> {
  return eventually(() => scene.app.get(memoryMail).messages.length >= count);
}

Deno.test("relay begins with all of a long queue that it finds", async () => {
  await using scene = new RelayScene({ relay: { queue: "", connectionsPerDestination: 50 } });
  await scene.start({ listening: false });
  for (let i = 0; i < 1200; i += 100) {
    const sent = Array.from({ length: 100 }, (_, at) => scene.send({ to: [`r${i + at}@there.test`] }));
    assertEquals(new Set(await Promise.all(sent)), new Set(["250"]));
  }
  await settledQueue(scene, 1200);
  await scene.stop();
  await scene.start({ listening: false });
  await scene.app.advance(60_000);
  await logged(scene, "Delivery put off", 1200);
  await settledQueue(scene, 1200);
  await scene.listen();
  await scene.queue.retry();
  const taken = await scene.next.took(1200);
  assertEquals(new Set(taken.map(({ to }) => to[0])).size, 1200);
});
