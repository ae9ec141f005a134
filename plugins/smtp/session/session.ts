import { needsUtf8 } from "../../../services/mail/address.ts";
import type { TlsInfo } from "../../../services/reactor/transport.ts";
import type { Command, Recipient, Sender, XclientFacts } from "../command/command.ts";
import { xclientAttributes } from "../command/xclient.ts";
import * as replies from "../reply/replies.ts";
import { plainReply, type Reply, reply } from "../reply/reply.ts";
import type { Client } from "./client.ts";
import type { AcceptedRecipient, Destination, Envelope } from "./envelope.ts";
import type { SessionSettings } from "./settings.ts";
import { order, type SessionState } from "./state.ts";

/** What is to be done about a command: the session decides, and whoever has the connection does it. */
export type Step =
  /** Answer, and go on. */
  | { readonly kind: "reply"; readonly reply: Reply }
  /** Answer, and close. */
  | { readonly kind: "quit"; readonly reply: Reply }
  /** Find out whether the sender is welcome, then call {@linkcode Session.acceptSender} if so. */
  | { readonly kind: "sender"; readonly sender: Sender }
  /** Find out where mail for the recipient goes, then call {@linkcode Session.acceptRecipient} if anywhere. */
  | { readonly kind: "recipient"; readonly recipient: Recipient }
  /** Take the message up to the dot, then call {@linkcode Session.endTransaction}. */
  | { readonly kind: "data" }
  /** Take so many octets of the message; after the last ones, call {@linkcode Session.endTransaction}. */
  | { readonly kind: "chunk"; readonly size: number; readonly last: boolean }
  /** Take so many octets and drop them, then answer. */
  | { readonly kind: "skip"; readonly size: number; readonly reply: Reply }
  /** Log the client in, then call {@linkcode Session.logIn}. */
  | { readonly kind: "login"; readonly mechanism: string; readonly initial: string | null }
  /** Answer, switch to TLS, then call {@linkcode Session.secure}. */
  | { readonly kind: "startTls" };

const step = {
  data: { kind: "data" },
  startTls: { kind: "startTls" },
  quit: { kind: "quit", reply: replies.bye },
  ok: answer(replies.ok),
} satisfies Record<string, Step>;

/**
 * The server's side of a session as RFC 5321 and its extensions have it, apart from bytes, clocks and
 * decisions about mail: which command may come when, and what has come of it.
 */
export class Session {
  readonly #settings: SessionSettings;
  readonly #trusted: boolean;
  #state: SessionState = "start";
  #client: Client;
  #sender: Sender | null = null;
  #recipients: AcceptedRecipient[] = [];

  /** @param trusted whether XCLIENT may tell who the client is */
  constructor(settings: SessionSettings, client: Client, trusted: boolean) {
    this.#settings = settings;
    this.#client = client;
    this.#trusted = trusted;
  }

  /** Whether a message is announced, or part of it has come. */
  get inTransaction(): boolean {
    return this.#sender !== null;
  }

  /** Who is at the other end. */
  get client(): Client {
    return this.#client;
  }

  /** Of the message that is under way. */
  get envelope(): Envelope {
    return { sender: this.#sender!, recipients: this.#recipients };
  }

  /** The first thing that is said. */
  greeting(): Reply {
    return plainReply(220, `${this.#settings.hostname} ESMTP ready`);
  }

  /** What is to be done about a command. */
  receive(command: Command): Step {
    const outOfOrder = order[command.verb][this.#state];
    if (outOfOrder !== null) return this.#refuse(command, outOfOrder);
    switch (command.verb) {
      case "EHLO":
      case "HELO":
        return this.#hello(command.name, command.verb === "EHLO");
      case "MAIL":
        return this.#mail(command.sender);
      case "RCPT":
        return this.#rcpt(command.recipient);
      case "DATA":
        return step.data;
      case "BDAT":
        return this.#bdat(command.size, command.last);
      case "RSET":
        this.endTransaction();
        return step.ok;
      case "AUTH":
        return this.#auth(command.mechanism, command.initial);
      case "STARTTLS":
        return this.#startTls();
      case "XCLIENT":
        return this.#xclient(command.facts);
      case "QUIT":
        return step.quit;
      case "NOOP":
        return step.ok;
      case "VRFY":
        return answer(replies.cannotVerify);
      case "EXPN":
        return answer(replies.notImplemented);
      case "HELP":
        return answer(replies.help);
    }
  }

  /** The sender of MAIL is welcome. */
  acceptSender(sender: Sender): void {
    this.#sender = sender;
    this.#state = "mail";
  }

  /** Mail for the recipient of RCPT goes to `destination`. */
  acceptRecipient(recipient: Recipient, destination: Destination): void {
    this.#recipients.push({ ...recipient, destination });
    this.#state = "rcpt";
  }

  /** The message is taken or refused, or there will be none: sender and recipients are forgotten. */
  endTransaction(): void {
    this.#sender = null;
    this.#recipients = [];
    if (this.#state !== "start") this.#state = "ready";
  }

  /** The client has proved to be this user. */
  logIn(user: string): void {
    this.#client = { ...this.#client, user };
  }

  /** TLS is up: what was said in the clear is forgotten (RFC 3207, section 4.2). */
  secure(tls: TlsInfo): void {
    this.#restart({ tls });
  }

  /** A chunk whose octets must be taken whatever is answered is skipped; anything else just answered. */
  #refuse(command: Command, reply: Reply): Step {
    return command.verb === "BDAT" ? { kind: "skip", size: command.size, reply } : answer(reply);
  }

  #hello(name: string, extended: boolean): Step {
    this.endTransaction();
    this.#state = "ready";
    this.#client = { ...this.#client, helo: name, extended };
    const { hostname } = this.#settings;
    return answer(extended ? plainReply(250, hostname, ...this.#extensions()) : plainReply(250, hostname));
  }

  #extensions(): string[] {
    const { maxMessageSize, startTls, mechanisms } = this.#settings;
    const extensions = [
      "PIPELINING",
      `SIZE ${maxMessageSize}`,
      "8BITMIME",
      "SMTPUTF8",
      "ENHANCEDSTATUSCODES",
      "CHUNKING",
      "DSN",
    ];
    if (startTls && this.#client.tls === null) extensions.push("STARTTLS");
    if (mechanisms.length > 0 && this.#mayLogIn) extensions.push(`AUTH ${mechanisms.join(" ")}`);
    if (this.#trusted) extensions.push(`XCLIENT ${xclientAttributes}`);
    return extensions;
  }

  get #mayLogIn(): boolean {
    return this.#client.tls !== null || this.#settings.insecureAuth;
  }

  #mail(sender: Sender): Step {
    if (this.#settings.requireTls && this.#client.tls === null) return answer(replies.tlsFirst);
    if (this.#settings.requireAuth && this.#client.user === null) return answer(replies.loginFirst);
    if ((sender.size ?? 0) > this.#settings.maxMessageSize) return answer(replies.tooLarge);
    if (isUtf8(sender) && sender.smtpUtf8 === undefined) return answer(replies.utf8Address);
    return { kind: "sender", sender };
  }

  #rcpt(recipient: Recipient): Step {
    if (this.#recipients.length >= this.#settings.maxRecipients) return answer(replies.tooManyRecipients);
    if (isUtf8(recipient) && this.#sender!.smtpUtf8 === undefined) return answer(replies.utf8Address);
    return { kind: "recipient", recipient };
  }

  #bdat(size: number, last: boolean): Step {
    this.#state = "bdat";
    return { kind: "chunk", size, last };
  }

  #auth(mechanism: string, initial: string | null): Step {
    const { mechanisms } = this.#settings;
    if (mechanisms.length === 0) return answer(replies.notImplemented);
    if (this.#client.user !== null) return answer(replies.loggedInAlready);
    if (!this.#mayLogIn) return answer(replies.encryptFirst);
    if (!mechanisms.includes(mechanism.toUpperCase())) return answer(replies.unknownMechanism);
    return { kind: "login", mechanism, initial };
  }

  #startTls(): Step {
    if (this.#client.tls !== null) return answer(replies.tlsAlready);
    return this.#settings.startTls ? step.startTls : answer(replies.notImplemented);
  }

  #xclient(facts: XclientFacts): Step {
    if (!this.#trusted) return answer(replies.notTrusted);
    const { name, address, port, helo, login } = facts;
    const was = this.#client;
    this.#restart({
      hostname: name === undefined ? was.hostname : name,
      address: address === undefined ? was.address : address,
      port: port === undefined ? was.port : port,
      // A login belongs to whoever sent it: the proxy speaks for somebody else now.
      user: login ?? null,
    });
    if (typeof helo === "string") this.#client = { ...this.#client, helo };
    return answer(this.greeting());
  }

  /** As it was before EHLO, logged in as nobody, but for what is known of the client by other means. */
  #restart(facts: Partial<Client>): void {
    this.endTransaction();
    this.#state = "start";
    this.#client = { ...this.#client, helo: null, extended: false, user: null, ...facts };
  }
}

function answer(reply: Reply): Step {
  return { kind: "reply", reply };
}

function isUtf8({ address }: Sender | Recipient): boolean {
  return address !== null && (needsUtf8(address.local) || needsUtf8(address.domain));
}

/** The reply to a message that was taken. */
export function storedReply(id: string): Reply {
  return reply(250, "2.0.0", `Message ${id} accepted`);
}
