import { z } from "zod";
import { parseDomain } from "../../services/mail/address.ts";
import { userOptions } from "../../services/mail/user_options.ts";
import { duration, endpoint } from "../../services/plugin/zod.ts";

/** The options of the pop3 plugin. */
export const options = z.strictObject({
  listen: z.union([endpoint(), z.array(endpoint()).min(1)]).prefault("tcp:127.0.0.1:1110")
    .describe("Where to listen: one endpoint or several; tls:... is pop3s"),
  hostname: z.string().refine((text) => parseDomain(text) !== null, { error: "must be a host name" })
    .optional().describe("What the server calls itself; default: the machine's name"),
  users: userOptions().min(1).describe("Who may log in: the same as those of smtp"),
  maildir: z.string().min(1).default("mail").describe(
    "Folder that has a Maildir for each user: the same as smtp's",
  ),
  tls: z.strictObject({
    certificate: z.string().min(1).describe("PEM file with the certificate and its chain"),
    privateKey: z.string().min(1).describe("PEM file with the private key"),
  }).optional().describe("For STLS; default: not offered. An endpoint tls:... has its own"),
  insecureAuth: z.boolean().default(false).describe("Let passwords be sent without TLS"),
  apop: z.boolean().default(false)
    .describe("Offer APOP, which needs passwords in the open, and which clients then choose"),
  limits: z.strictObject({
    connections: z.int().positive().default(1000).describe("At once; more wait"),
    connectionsPerClient: z.int().positive().default(50).describe("At once, of an IPv4 address or IPv6 /64"),
    commandLength: z.int().min(253).default(1000).describe("Octets of a command, without CRLF"),
    errors: z.int().positive().default(20).describe("Refused commands, before the connection is closed"),
    failedLogins: z.int().positive().default(3).describe("Before the connection is closed"),
  }).prefault({}),
  timeouts: z.strictObject({
    idle: duration().prefault("10m").describe("For a command; RFC 1939 wants 10m at least"),
    login: duration().prefault("1m").describe("For a command, before the client is logged in"),
    tls: duration().prefault("30s").describe("For a TLS handshake"),
  }).prefault({}),
  failedLoginDelay: duration().prefault("2s").describe("Answer a login that fails so much later"),
});

/** The options, as the plugin gets them. */
export type Pop3Options = z.output<typeof options>;
