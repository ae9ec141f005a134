import type { Verb } from "../../../plugins/pop3/command/command.ts";
import { assertEquals } from "../../assert.ts";
import { ask, Pop3Scene } from "./_scene.ts";

const lines: Readonly<Record<Verb, string>> = {
  CAPA: "CAPA",
  QUIT: "QUIT",
  STLS: "STLS",
  USER: "USER alice",
  PASS: "PASS secret",
  APOP: "APOP alice c4c9334bac560ecc979e58001b3e22fb",
  AUTH: "AUTH NONSENSE",
  STAT: "STAT",
  LIST: "LIST 1",
  UIDL: "UIDL 1",
  RETR: "RETR 1",
  TOP: "TOP 1 0",
  DELE: "DELE 1",
  RSET: "RSET",
  NOOP: "NOOP",
};

const first = "-ERR Log in first";
const already = "-ERR You are logged in already";
const noTls = "-ERR TLS is not offered";
const noApop = "-ERR APOP is not offered";
const unknown = "-ERR Authentication mechanism is not supported";

/** What each command is answered before a name is told, after it, and logged in. */
const expected: Readonly<Record<Verb, readonly [string, string, string]>> = {
  CAPA: ["+OK Capabilities follow", "+OK Capabilities follow", "+OK Capabilities follow"],
  QUIT: ["+OK Bye", "+OK Bye", "+OK Bye"],
  STLS: [noTls, noTls, already],
  USER: ["+OK Send PASS", "+OK Send PASS", already],
  PASS: ["-ERR Send USER first", "+OK 1 messages", already],
  APOP: [noApop, noApop, already],
  AUTH: [unknown, unknown, already],
  STAT: [first, first, "+OK 1 13"],
  LIST: [first, first, "+OK 1 13"],
  UIDL: [first, first, "+OK 1 <uid>"],
  RETR: [first, first, "+OK 13 octets"],
  TOP: [first, first, "+OK Top of message follows"],
  DELE: [first, first, "+OK Marked to be removed at QUIT"],
  RSET: [first, first, "+OK 1 messages"],
  NOOP: [first, first, "+OK"],
};

for (const [verb, answers] of Object.entries(expected)) {
  Deno.test(`pop3 knows when ${verb} may come`, async () => {
    await using scene = await Pop3Scene.start({ limits: { errors: 100 } });
    const [entry] = await scene.deliver("a: b\r\n\r\nhi\r\n".padStart(13, "x"));
    for (const [at, before] of [[], ["USER alice"], ["USER alice", "PASS secret"]].entries()) {
      const client = await scene.connect();
      for (const line of before) await ask(client, line);
      const reply = await ask(client, lines[verb as Verb]);
      assertEquals(reply.replace(entry!.unique, "<uid>"), answers[at], `after ${JSON.stringify(before)}`);
      await client.close();
      await client.whenClosed;
      // The lock on the maildrop is given back when the server hears of it.
      await scene.app.reactor.settle();
    }
  });
}
