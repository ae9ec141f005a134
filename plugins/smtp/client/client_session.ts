import { encodeXtext } from "../command/xtext.ts";
import { encodeBase64 } from "../../../services/auth/base64.ts";
import { needsUtf8 } from "../../../services/mail/address.ts";
import type { ConnectTls } from "../../../services/endpoint/endpoint.ts";
import type { Conversation } from "./conversation.ts";
import { DotStuffing } from "./dot_stuffing.ts";
import {
  type Outcome,
  outcomeOf,
  type OutgoingMessage,
  type OutgoingRecipient,
  ownOutcome,
} from "./outgoing.ts";
import { describeReply, type ServerReply } from "./server_reply.ts";

/** Milliseconds for each step (RFC 5321, section 4.5.3.2). */
const patience = {
  greeting: 300_000,
  hello: 300_000,
  login: 120_000,
  envelope: 300_000,
  block: 180_000,
  end: 600_000,
  quit: 5_000,
} as const;

const DATA = "DATA\r\n";
/** Octets that may wait to be sent before more is read. */
const BACKLOG = 64 * 1024;

/** Who we are to a server that wants to know. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A server that does not let us deliver at all: neither now nor to anybody, as far as this attempt goes. */
export class SessionRefused extends Error {
  /** `"SessionRefused"`. */
  override readonly name = "SessionRefused";

  /** @param reply what it said; null where it said nothing about it */
  constructor(message: string, readonly reply: ServerReply | null) {
    super(message);
  }
}

/** A handshake that failed: the connection is lost with it. */
export class TlsFailed extends Error {
  /** `"TlsFailed"`. */
  override readonly name = "TlsFailed";
}

/** Somewhere to deliver messages, one after the other. */
export interface MailSession {
  /** Whether it takes more. */
  readonly usable: boolean;
  /**
   * Deliver a message to all of its recipients that are taken.
   * @returns what has become of each recipient, in their order. Never rejects
   */
  deliver(message: OutgoingMessage): Promise<Outcome[]>;
  /** Let go of it. Never rejects. */
  quit(): Promise<void>;
}

/** A session with another server, ours to deliver in: greeted, encrypted, logged in. */
export class ClientSession implements MailSession {
  /** What the server calls itself. */
  serverName = "";

  readonly #conversation: Conversation;
  readonly #hostname: string;
  #extensions: ReadonlyMap<string, string> = new Map();
  /** What is left of a transaction that came to nothing must be cleared first. */
  #unclean = false;

  /** @param hostname ours */
  constructor(conversation: Conversation, hostname: string) {
    this.#conversation = conversation;
    this.#hostname = hostname;
  }

  /** See {@linkcode MailSession.usable}. */
  get usable(): boolean {
    return !this.#conversation.over;
  }

  /** Whether the server offers an extension, by its keyword in upper case. */
  offers(extension: string): boolean {
    return this.#extensions.has(extension);
  }

  /**
   * Hear the greeting, and say hello: EHLO, and HELO where that is not understood.
   * @throws {SessionRefused}
   */
  async begin(): Promise<void> {
    const greeting = await this.#conversation.reply(patience.greeting);
    if (greeting.code !== 220) throw refused("it greets with", greeting);
    await this.#hello();
  }

  /**
   * Switch to TLS.
   * @throws {TlsFailed}
   */
  async secure(tls: ConnectTls): Promise<void> {
    const reply = await this.#conversation.ask("STARTTLS", patience.hello);
    if (reply.code !== 220) throw new TlsFailed(`STARTTLS is answered ${describeReply(reply)}`);
    // Whoever is in between would be heard as the server itself, once TLS is up.
    if (this.#conversation.midway) throw new TlsFailed("STARTTLS is answered with more than a reply");
    try {
      await this.#conversation.transport.startTLS(tls);
    } catch (error) {
      throw new TlsFailed(`TLS cannot be set up: ${error instanceof Error ? error.message : error}`);
    }
    await this.#hello();
  }

  /**
   * Log in by PLAIN, or by LOGIN where that is not offered.
   * @throws {SessionRefused}
   */
  async logIn({ user, password }: Login): Promise<void> {
    const mechanisms = this.#extensions.get("AUTH")?.toUpperCase().split(" ") ?? [];
    const encode = (text: string) => encodeBase64(new TextEncoder().encode(text));
    let reply: ServerReply;
    if (mechanisms.includes("PLAIN")) {
      reply = await this.#conversation.ask(
        `AUTH PLAIN ${encode(`\0${user}\0${password}`)}`,
        patience.login,
      );
    } else if (mechanisms.includes("LOGIN")) {
      reply = await this.#conversation.ask("AUTH LOGIN", patience.login);
      for (const answer of [user, password]) {
        if (reply.code === 334) reply = await this.#conversation.ask(encode(answer), patience.login);
      }
    } else {
      throw new SessionRefused("it offers neither AUTH PLAIN nor AUTH LOGIN", null);
    }
    if (reply.code !== 235) throw refused("it answers our login", reply);
  }

  /** See {@linkcode MailSession.deliver}. */
  async deliver(message: OutgoingMessage): Promise<Outcome[]> {
    const impossible = this.#impossible(message);
    if (impossible !== null) return message.recipients.map(() => impossible);
    const outcomes = new Map<OutgoingRecipient, Outcome>();
    this.#conversation.delivering = true;
    try {
      await this.#transact(message, outcomes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // Wherever it stands, the server must not take what has come for a whole message.
      this.#conversation.fail(new Error(reason, { cause: error }));
      const lost = ownOutcome("deferred", "4.4.2", reason);
      for (const recipient of message.recipients) {
        if (!outcomes.has(recipient)) outcomes.set(recipient, lost);
      }
    }
    this.#conversation.delivering = false;
    return message.recipients.map((recipient) => outcomes.get(recipient)!);
  }

  /** Say goodbye, and close. */
  async quit(): Promise<void> {
    if (!this.usable) return;
    await this.#conversation.ask("QUIT", patience.quit).catch(() => {});
    this.#conversation.transport.loseConnection();
  }

  async #hello(): Promise<void> {
    let reply = await this.#conversation.ask(`EHLO ${this.#hostname}`, patience.hello);
    this.#extensions = reply.code === 250 ? extensionsOf(reply) : new Map();
    if (reply.code >= 500) reply = await this.#conversation.ask(`HELO ${this.#hostname}`, patience.hello);
    if (reply.code !== 250) throw refused("it answers our EHLO", reply);
    this.serverName = reply.lines[0]!.split(" ")[0]!;
  }

  /** Why the message cannot go to this server, whoever it is for. */
  #impossible(message: OutgoingMessage): Outcome | null {
    const limit = Number(this.#extensions.get("SIZE") || 0);
    if (limit > 0 && message.size > limit) {
      return ownOutcome(
        "failed",
        "5.3.4",
        `The server takes ${limit} octets, the message has ${message.size}`,
      );
    }
    if (needsSmtpUtf8(message) && !this.offers("SMTPUTF8")) {
      return ownOutcome("failed", "5.6.7", "The server does not take addresses or header fields in UTF-8");
    }
    if (message.eightBit && !this.offers("8BITMIME")) {
      return ownOutcome("failed", "5.6.3", "The server does not take messages with octets beyond ASCII");
    }
    return null;
  }

  async #transact(message: OutgoingMessage, outcomes: Map<OutgoingRecipient, Outcome>): Promise<void> {
    const conversation = this.#conversation;
    if (this.#unclean) await conversation.ask("RSET", patience.envelope);
    this.#unclean = true;
    const mail = `MAIL FROM:<${message.sender}>${this.#mailParameters(message)}\r\n`;
    const rcpts = message.recipients.map((recipient) =>
      `RCPT TO:<${recipient.address}>${this.#rcptParameters(recipient)}\r\n`
    );
    const pipelined = this.offers("PIPELINING");
    // All at once, or each when the reply to the one before has come.
    const ahead = pipelined ? conversation.askAll([mail, ...rcpts, DATA], patience.envelope) : [];
    const next = (command: string): Promise<ServerReply> => {
      const reply = ahead.shift();
      return reply ?? conversation.askAll([command], patience.envelope)[0]!;
    };

    const sender = await next(mail);
    if (sender.code !== 250) {
      for (const recipient of message.recipients) outcomes.set(recipient, negative(sender));
      if (!pipelined) return;
    }
    let taken = 0;
    for (const [at, recipient] of message.recipients.entries()) {
      const reply = await next(rcpts[at]!);
      if (reply.code >= 300) outcomes.set(recipient, outcomes.get(recipient) ?? negative(reply));
      else taken++;
    }
    if (taken === 0 && !pipelined) return;
    const go = await next(DATA);
    const rest = message.recipients.filter((recipient) => !outcomes.has(recipient));
    if (go.code !== 354) {
      for (const recipient of rest) outcomes.set(recipient, negative(go));
      return;
    }
    // Nobody is left, and it wants a message all the same (RFC 2920, section 3.1): it gets an empty one.
    if (rest.length > 0) await this.#sendContent(message);
    else conversation.send(".\r\n");
    const last = await conversation.reply(patience.end);
    this.#unclean = false;
    for (const recipient of rest) outcomes.set(recipient, outcomeOf(last, this.offers("DSN")));
  }

  async #sendContent(message: OutgoingMessage): Promise<void> {
    const { transport } = this.#conversation;
    const stuffing = new DotStuffing();
    for await (const bytes of message.content()) {
      transport.writeSequence(stuffing.encode(bytes));
      if (transport.bufferedBytes > BACKLOG) await this.#conversation.drained(patience.block);
    }
    transport.write(stuffing.end());
  }

  #mailParameters(message: OutgoingMessage): string {
    let parameters = "";
    if (this.offers("SIZE")) parameters += ` SIZE=${message.size}`;
    if (message.eightBit) parameters += " BODY=8BITMIME";
    if (needsSmtpUtf8(message)) parameters += " SMTPUTF8";
    if (this.offers("DSN")) {
      if (message.ret !== undefined) parameters += ` RET=${message.ret}`;
      if (message.envelopeId !== undefined) parameters += ` ENVID=${encodeXtext(message.envelopeId)}`;
    }
    return parameters;
  }

  #rcptParameters({ notify, originalRecipient }: OutgoingRecipient): string {
    if (!this.offers("DSN")) return "";
    let parameters = notify === undefined ? "" : ` NOTIFY=${notify.join()}`;
    if (originalRecipient !== undefined) {
      const [kind, ...address] = originalRecipient.split(";");
      parameters += ` ORCPT=${kind};${encodeXtext(address.join(";"))}`;
    }
    return parameters;
  }
}

/** A reply that does not let a recipient through, also where its code makes no sense. */
function negative(reply: ServerReply): Outcome {
  const outcome = outcomeOf(reply);
  return outcome.kind === "delivered" ? { ...outcome, kind: "deferred", status: "4.5.0" } : outcome;
}

function needsSmtpUtf8({ smtpUtf8, eightBit, sender, recipients }: OutgoingMessage): boolean {
  return smtpUtf8 && (eightBit || needsUtf8(sender) || recipients.some(({ address }) => needsUtf8(address)));
}

function extensionsOf({ lines }: ServerReply): Map<string, string> {
  return new Map(
    lines.slice(1).map((line) => {
      const space = line.indexOf(" ");
      return space < 0
        ? [line.toUpperCase(), ""]
        : [line.slice(0, space).toUpperCase(), line.slice(space + 1)];
    }),
  );
}

function refused(what: string, reply: ServerReply): SessionRefused {
  return new SessionRefused(`${what} ${describeReply(reply)}`, reply);
}
