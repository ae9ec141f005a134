import smtp from "../../../../plugins/smtp/mod.ts";
import { assertEquals } from "../../../assert.ts";

async function problems(options: object): Promise<string[]> {
  const read = await smtp.options["~standard"].validate({ domains: ["here.test"], ...options });
  if (read.issues !== undefined) throw new Error(JSON.stringify(read.issues));
  return smtp.check!(read.value).map(({ path, message }) => `${path!.join(".")}: ${message}`);
}

const open = "is a large part of the Internet: its mail would be passed on, whoever sends it";
const users = [{ name: "alice", password: "x" }];

for (
  const [name, options, expected] of [
    [
      "a sound relay",
      {
        relay: {},
        trusted: ["10.0.0.0/8", "fd00::/8", "fe80::/10", "2001:db8::/32", "127.0.0.1", "::1"],
        users,
      },
      [],
    ],
    [
      "everybody trusted",
      { relay: {}, trusted: ["0.0.0.0/0", "::/0", "64.0.0.0/7", "::ffff:0:0/96", "2000::/7", "2a00::/12"] },
      [0, 1, 2, 3, 4, 5].map((at) => `trusted.${at}: ${open}`),
    ],
    [
      "a trusted proxy",
      { relay: {}, trusted: ["10.0.0.0/8"], xclient: ["10.1.0.0/16"] },
      ["trusted.0: has a proxy of xclient in it: what that does not tell who sent it would be passed on"],
    ],
    [
      "a trusted proxy in front",
      {
        relay: {},
        trusted: ["192.0.2.0/24", "10.0.0.0/8"],
        listen: ["tcp:587", "haproxy:tcp:25:trusted=10.1.0.0/16"],
      },
      [
        "trusted.1: has a proxy of listen (haproxy:...) in it: what that does not tell who sent it would be passed on",
      ],
    ],
    [
      "a password in the clear",
      { relay: { smarthost: "tcp:mail.test:587", login: { user: "u", password: "p" } } },
      ["relay.login: needs tls: required, or a smarthost tls:..., since anybody could ask for the password else"],
    ],
    ["a password over TLS", {
      relay: { smarthost: "tls:mail.test:465", login: { user: "u", password: "p" } },
    }, []],
    [
      "a password for everybody",
      { relay: { login: { user: "u", password: "p" }, tls: "required" } },
      ["relay.login: needs smarthost: a password is for one server alone"],
    ],
    [
      "authorities that nobody asks",
      { relay: { authorities: "ca.pem" } },
      ["relay.authorities: needs tls: required, else they are not asked"],
    ],
    [
      "nothing to relay",
      { relay: {}, domains: ["*"], catchAll: "inbox" },
      ['relay: never gets any mail, since domains "*" makes all of it ours'],
    ],
    ["a signature for nothing", { dkim: { domain: "here.test", selector: "s", privateKey: "k" } }, [
      "dkim: needs relay: only outgoing mail is signed",
    ]],
    ["a trusted network for nothing", { trusted: ["10.0.0.0/8"] }, [
      "trusted: needs relay: as it is, nothing is passed on for anybody",
    ]],
    ["a trusted network whose mail is not checked", { trusted: ["10.0.0.0/8"], verify: true }, []],
    ["a catch-all elsewhere", { catchAll: "me@there.test" }, [
      'catchAll: is a mailbox here, and no address elsewhere: name an alias that leads to "me@there.test"',
    ]],
    ["a catch-all here", { catchAll: "me@HERE.test" }, []],
    ["an alias of a domain that is not ours", { aliases: { "sales@there.test": "alice" }, users }, [
      "aliases.sales@there.test: never gets any mail: its domain is none of domains",
    ]],
    ["logins that nobody can use", { requireAuth: true, users }, [
      "requireAuth: nobody could log in: give tls for STARTTLS, listen on tls:..., or set insecureAuth: true",
    ]],
    ["logins over TLS behind a proxy", {
      requireAuth: true,
      requireTls: true,
      users,
      listen: "haproxy:tls:465:certificate=c.pem:privateKey=k.pem",
    }, []],
    ["an alias elsewhere", { aliases: { a: "b@there.test" } }, [
      'aliases.a.0: cannot send mail on to "b@there.test" without relay',
    ]],
    ["an alias elsewhere, with a relay", { aliases: { a: "b@there.test" }, relay: {} }, []],
    ["an alias to nobody here", { aliases: { a: "b@here.test" }, relay: {} }, [
      'aliases.a.0: no user or alias is named "b@here.test"',
    ]],
  ] as const
) {
  Deno.test(`smtp's check of ${name}`, async () => assertEquals(await problems(options), [...expected]));
}
