import { z } from "zod";
import { CidrError, parseCidr } from "../../services/endpoint/cidr.ts";
import { parseDomain } from "../../services/mail/address.ts";
import { userOptions } from "../../services/mail/user_options.ts";
import { duration, endpoint, size } from "../../services/plugin/zod.ts";

const domain = z.string().refine((text) => text === "*" || parseDomain(text) !== null, {
  error: 'must be a domain, as in "example.org", or "*" for all',
});

const block = z.string().transform((text, context) => {
  try {
    return parseCidr(text);
  } catch (error) {
    if (!(error instanceof CidrError)) throw error;
    context.issues.push({ code: "custom", message: error.message, input: text });
    return z.NEVER;
  }
});

const delivery = z.union([
  z.strictObject({ maildir: z.string().min(1).describe("Folder that has a Maildir for each mailbox") }),
  z.strictObject({ memory: z.int().positive().describe("Messages that are kept; the oldest go first") }),
  z.literal("discard"),
]);

/** The options of the smtp plugin. */
export const options = z.strictObject({
  listen: z.union([endpoint(), z.array(endpoint()).min(1)]).prefault("tcp:127.0.0.1:2525")
    .describe("Where to listen: one endpoint or several"),
  hostname: z.string().refine((text) => parseDomain(text) !== null, { error: "must be a host name" })
    .optional().describe("What the server calls itself; default: the machine's name"),
  domains: z.array(domain).default(["localhost"]).describe('Whose mail is taken: our domains, or "*"'),
  users: userOptions().default([]).describe("Who has a mailbox, and may log in"),
  aliases: z.record(z.string().min(1), z.union([z.string(), z.array(z.string()).min(1)])).default({})
    .describe("Further names, and which users or aliases get their mail"),
  catchAll: z.string().min(1).nullable().default(null)
    .describe("Mailbox for all names of our domains that nobody has; null: they are refused"),
  delimiter: z.string().length(1).nullable().default("+")
    .describe("What begins the part of a name that does not count: alice+shop; null: nothing does"),
  deliver: delivery.default({ maildir: "mail" }).describe("Where messages go"),
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
