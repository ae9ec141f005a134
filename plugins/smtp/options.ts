import { z } from "zod";
import { CidrError, parseCidr } from "../../services/endpoint/cidr.ts";
import { parseDomain } from "../../services/mail/address.ts";
import { userOptions } from "../../services/mail/user_options.ts";
import { clientEndpoint, duration, endpoint, parsed, size } from "../../services/plugin/zod.ts";
import { loopbackEndpoint } from "../../services/plugin/loopback_endpoint.ts";
import { quote } from "../../services/text/quote.ts";

const domain = z.string().refine((text) => text === "*" || parseDomain(text) !== null, {
  error: ({ input }) => `Must be a domain, as in "example.org", or "*" for all, not ${quote(String(input))}`,
});

const hostName = z.string().refine((text) => parseDomain(text) !== null, {
  error: ({ input }) => `Must be a name, as in "mail.example.org", not ${quote(String(input))}`,
});

const block = parsed(parseCidr, CidrError);

const relay = z.strictObject({
  queue: z.string().min(1).default("queue").describe("Folder in which messages wait"),
  smarthost: clientEndpoint().optional()
    .describe("Server that takes all mail: tcp:smtp.example.net:587; default: those that the DNS names"),
  login: z.strictObject({
    user: z.string().min(1),
    password: z.string().min(1).describe("Best as ${file:...}"),
  }).optional().describe("Who we are to the smarthost; never sent without TLS. Default: nobody"),
  tls: z.enum(["opportunistic", "required"]).default("opportunistic")
    .describe("Where the next server offers it, whoever it is; or always, with a certificate that is valid"),
  authorities: z.string().min(1).optional()
    .describe("PEM file with the authorities to trust instead of the system's, for required TLS"),
  port: z.int().min(1).max(65535).default(25).describe("Of the servers that the DNS names"),
  connections: z.int().positive().default(50).describe("At once"),
  connectionsPerDestination: z.int().positive().default(5).describe(
    "At once, with the servers of one domain",
  ),
  connectTimeout: duration().prefault("30s").describe("For a connection"),
  retry: duration().prefault("1m").describe("Wait after the first attempt; each next one is twice as long"),
  longestRetry: duration().prefault("4h").describe("The longest wait"),
  giveUp: duration().prefault("5d").describe("Return mail that could not be delivered for so long"),
});

const dkim = z.strictObject({
  domain: hostName.describe("Whose mail is signed"),
  selector: z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/).describe(
    "Name of the key: its public half is at <selector>._domainkey.<domain>",
  ),
  privateKey: z.string().min(1).describe("PEM file with the private key, RSA or Ed25519"),
});

const delivery = z.union([
  z.strictObject({ maildir: z.string().min(1).describe("Folder that has a Maildir for each mailbox") }),
  z.strictObject({ memory: z.int().positive().describe("Messages that are kept; the oldest go first") }),
  z.literal("discard"),
], { error: 'Must be { maildir: FOLDER }, { memory: NUMBER } or "discard"' });

/** The options of the smtp plugin. */
export const options = z.strictObject({
  listen: z.union([endpoint(), z.array(endpoint()).min(1)]).prefault("tcp:127.0.0.1:2525")
    .describe("Where to listen: one endpoint or several"),
  hostname: hostName.optional().describe("What the server calls itself; default: the machine's name"),
  domains: z.array(domain).default(["localhost"]).describe('Whose mail is taken: our domains, or "*"'),
  users: userOptions().default([]).describe("Who has a mailbox, and may log in"),
  aliases: z.record(z.string().min(1), z.union([z.string(), z.array(z.string()).min(1)])).default({})
    .describe("Further names, and which users, aliases or addresses elsewhere get their mail"),
  catchAll: z.string().min(1).nullable().default(null)
    .describe("User, alias or mailbox for all names of our domains that nobody has; null: they are refused"),
  delimiter: z.string().length(1).nullable().default("+")
    .describe("What begins the part of a name that does not count: alice+shop; null: nothing does"),
  deliver: delivery.default({ maildir: "mail" }).describe("Where messages go"),
  relay: relay.optional()
    .describe("Pass mail on to other servers, for users and trusted networks; default: none is"),
  trusted: z.array(block).default([])
    .describe(
      "Addresses or blocks whose mail is passed on without a login; never more than your own networks",
    ),
  dkim: dkim.optional().describe("Sign outgoing mail; default: it is not"),
  verify: z.boolean().default(false)
    .describe("Check SPF, DKIM and DMARC of what strangers send, and say so in the message's header"),
  inbox: loopbackEndpoint().optional()
    .describe(
      "Where a web page shows the mail, as tcp:8025: on loopback, if it names no address; default: nowhere",
    ),
  inboxPassword: z.string().min(8).optional()
    .describe("Of that page; must be there when the page can be reached from other machines"),
  hooks: z.string().min(1).optional().describe("TypeScript module that has a say; default: none"),
  tls: z.strictObject({
    certificate: z.string().min(1).describe("PEM file with the certificate and its chain"),
    privateKey: z.string().min(1).describe("PEM file with the private key"),
  }).optional().describe("For STARTTLS; default: not offered. An endpoint tls:... has its own"),
  requireTls: z.boolean().default(false).describe("Take mail over TLS alone"),
  requireAuth: z.boolean().default(false).describe("Take mail from users alone, once they have logged in"),
  insecureAuth: z.boolean().default(false).describe("Let passwords be sent without TLS"),
  bareNewline: z.enum(["reject", "normalize"]).default("reject")
    .describe("CR or LF outside of CRLF: refuse the message, or make it CRLF"),
  xclient: z.array(block).default([])
    .describe("Addresses or blocks of proxies that may tell by XCLIENT whom they speak for"),
  greetingDelay: duration().prefault(0).describe("Greet so much later, and refuse who talks before"),
  limits: z.strictObject({
    connections: z.int().positive().default(1000).describe("At once; more wait"),
    connectionsPerClient: z.int().positive().default(100).describe("At once, of an IPv4 address or IPv6 /64"),
    messageSize: size().prefault("50MB").describe("Of a message"),
    recipients: z.int().min(100).default(100).describe("Of a message; RFC 5321 wants 100 at least"),
    lineLength: z.int().min(998).default(998).describe("Octets of a line of a message, without CRLF"),
    commandLength: z.int().min(510).default(4096).describe("Octets of a command, without CRLF"),
    errors: z.int().positive().default(20).describe("Refused commands, before the connection is closed"),
    received: z.int().positive().default(50).describe(
      "Received fields of a message, which else goes in circles",
    ),
  }).prefault({}),
  timeouts: z.strictObject({
    command: duration().prefault("5m").describe("For the next command"),
    data: duration().prefault("3m").describe("For more of a message"),
    tls: duration().prefault("30s").describe("For a TLS handshake"),
  }).prefault({}),
});

/** The options, as the plugin gets them. */
export type SmtpOptions = z.output<typeof options>;
