import {
  command,
  Dialogue,
  FAREWELL,
  type Farewells,
  tls,
} from "../../../services/mail/dialogue/dialogue.ts";
import { LineReader } from "../../../services/mail/dialogue/line_reader.ts";
import { LineExchange, type LineStep, LONGEST_RESPONSE } from "../../../services/mail/sasl/line_exchange.ts";
import { startSasl } from "../../../services/mail/sasl/mechanisms.ts";
import { parseCommand } from "../command/parse_command.ts";
import type { Transaction } from "../delivery/delivery.ts";
import { Reception } from "../message/reception.ts";
import { isDestination } from "../recipients/directory.ts";
import * as replies from "../reply/replies.ts";
import { closes, plainReply, type Reply, reply } from "../reply/reply.ts";
import type { Client } from "../session/client.ts";
import { Session, type Step, storedReply } from "../session/session.ts";
import { type ChunkMode, data, phases, type SkipMode, type SmtpMode } from "./mode.ts";
import type { SmtpServer } from "./server.ts";

const badLines: Readonly<Record<"tooLong" | "bareNewline", Reply>> = {
  tooLong: replies.lineTooLong,
  bareNewline: replies.bareNewline,
};

const farewells: Farewells = {
  stopping: replies.stopping.bytes,
  idle: replies.idle.bytes,
  tooManyErrors: replies.tooManyErrors.bytes,
};

const loginFailures: Readonly<Record<"cancelled" | "malformed" | "credentials", Reply>> = {
  cancelled: replies.cancelled,
  malformed: replies.badBase64,
  credentials: replies.wrongCredentials,
};

/** One client's connection: gives what arrives to the session, and does what the session decides. */
export class SmtpProtocol extends Dialogue<SmtpMode> {
  protected readonly server: SmtpServer;
  readonly #trusted: boolean;
  readonly #lines: LineReader;
  #session!: Session;
  #reception: Reception | null = null;

  /** @param trusted whether the peer is a proxy that may use XCLIENT */
  constructor(server: SmtpServer, trusted: boolean) {
    super(server, farewells);
    this.server = server;
    this.#trusted = trusted;
    this.#lines = new LineReader(this.received, server.message.bareNewline === "normalize");
  }

  override connectionMade(): void {
    const { peer } = this.transport;
    const isInternet = peer.transport === "tcp";
    const client: Client = {
      address: isInternet ? peer.hostname : null,
      port: isInternet ? peer.port : null,
      hostname: null,
      helo: null,
      extended: false,
      tls: this.transport.tls,
      user: null,
    };
    this.#session = new Session(this.server.session, client, this.#trusted);
    this.watch();
    this.whenKnown(this.server.policy.connect(client), (against) => {
      if (against !== null) this.#close(against);
      else this.#greet();
    });
  }

  override dataReceived(bytes: Uint8Array): void {
    if (this.mode.kind === "greeting") this.#close(replies.early);
    else super.dataReceived(bytes);
  }

  override get patience(): number {
    const phase = phases[this.mode.kind];
    return phase === null ? FAREWELL : this.server.timeouts[phase];
  }

  protected override answerFailure(): void {
    this.#answer(replies.failed);
  }

  protected override get idle(): boolean {
    const { kind } = this.mode;
    return kind === "greeting" || kind === "command" && !this.#session.inTransaction;
  }

  protected override abandon(): void {
    if (this.mode.kind === "greeting") this.mode.timer.cancel();
    this.#reception?.abort();
    this.#reception = null;
  }

  protected override advance(): boolean {
    const { mode } = this;
    switch (mode.kind) {
      case "command":
        return this.received.length > 0 && this.#takeLine(null);
      case "login":
        return this.received.length > 0 && this.#takeLine(mode.login);
      case "data":
        return this.received.length > 0 && this.#takeData();
      case "chunk":
        return this.#takeChunk(mode);
      case "skip":
        return this.#skipChunk(mode);
      case "greeting":
      case "busy":
      case "tls":
      case "closing":
        return false;
    }
  }

  // What arrives

  /** The next line, of a command or for a login; false when none has come. What is no line ends a login. */
  #takeLine(login: LineExchange | null): boolean {
    const line = this.#lines.next(login === null ? this.server.limits.commandLength : LONGEST_RESPONSE);
    if (line === "incomplete") return false;
    this.progress++;
    if (typeof line === "string") {
      this.mode = command;
      this.#answer(badLines[line]);
    } else if (login === null) {
      this.#takeCommand(line);
    } else {
      this.#goOn(login, login.receive(line));
    }
    return true;
  }

  #takeCommand(line: Uint8Array): void {
    const { command, fault } = parseCommand(line);
    if (fault === undefined) this.#perform(this.#session.receive(command));
    else this.#answer(fault);
  }

  #takeData(): boolean {
    const reception = this.#reception!;
    const bytes = this.received.take(this.received.length);
    const end = reception.push(bytes);
    this.progress++;
    if (end < 0) return this.#waitFor(reception);
    if (end < bytes.length) this.received.unshift(bytes.subarray(end));
    this.#commit();
    return true;
  }

  #takeChunk(mode: ChunkMode): boolean {
    const reception = this.#reception!;
    if (mode.left > 0) {
      if (this.received.length === 0) return false;
      const bytes = this.received.take(Math.min(mode.left, this.received.length));
      mode.left -= bytes.length;
      reception.push(bytes);
      this.progress++;
      return this.#waitFor(reception);
    }
    this.mode = command;
    const { refusal } = reception;
    if (mode.last) {
      this.#commit();
    } else if (refusal === null) {
      this.#answer(reply(250, "2.0.0", `${mode.size} octets received`));
    } else {
      this.#session.endTransaction();
      this.abandon();
      this.#answer(refusal);
    }
    return true;
  }

  #skipChunk(mode: SkipMode): boolean {
    if (mode.left > 0 && this.received.length === 0) return false;
    mode.left -= this.received.skip(mode.left);
    this.progress++;
    if (mode.left > 0) return false;
    this.mode = command;
    this.#answer(mode.reply);
    return true;
  }

  /** Where the sink asks for it, wait before more is given to it. Returns whether to go on at once. */
  #waitFor(reception: Reception): boolean {
    const { waiting } = reception;
    if (waiting === null) return true;
    reception.waiting = null;
    const mode = this.mode;
    this.whenKnown(waiting, () => {
      this.mode = mode;
    });
    return false;
  }

  // What is done about it

  #perform(step: Step): void {
    switch (step.kind) {
      case "reply":
        if (!this.#session.inTransaction) this.abandon();
        return this.#answer(step.reply);
      case "quit":
        return this.#close(step.reply);
      case "sender":
        return this.whenKnown(this.server.policy.sender(step.sender, this.#session.client), (against) => {
          if (against === null) this.#session.acceptSender(step.sender);
          this.#answer(against ?? replies.senderOk);
        });
      case "recipient": {
        const { envelope, client } = this.#session;
        const found = this.server.policy.recipient(step.recipient, envelope.sender, client);
        return this.whenKnown(found, (found) => {
          if (!isDestination(found)) return this.#answer(found);
          this.#session.acceptRecipient(step.recipient, found);
          this.#answer(replies.recipientOk);
        });
      }
      case "data":
        if (!this.#begin(true)) return this.#answer(replies.failed);
        this.mode = data;
        return this.#answer(replies.sendMessage);
      case "chunk": {
        const { size, last } = step;
        const begun = this.#reception !== null || this.#begin(false);
        this.mode = begun
          ? { kind: "chunk", size, last, left: size }
          : { kind: "skip", reply: replies.failed, left: size };
        return;
      }
      case "skip":
        this.mode = { kind: "skip", reply: step.reply, left: step.size };
        return;
      case "login": {
        const login = new LineExchange(startSasl(step.mechanism, this.server.users)!);
        return this.#goOn(login, login.start(step.initial));
      }
      case "startTls":
        return this.#startTls();
    }
  }

  /** Make ready for a message; false when that fails. */
  #begin(dots: boolean): boolean {
    const { delivery, ids, now, message, trace, log } = this.server;
    const { client, envelope } = this.#session;
    const transaction: Transaction = { id: ids.next(), client, envelope, receivedAt: now() };
    try {
      const sink = delivery.begin(transaction);
      this.#reception = new Reception(transaction, sink, message, dots, trace.received(transaction));
      return true;
    } catch (error) {
      log.error("Cannot begin to take a message", { error });
      this.#session.endTransaction();
      return false;
    }
  }

  /** The message is complete. */
  #commit(): void {
    const reception = this.#reception!;
    this.#reception = null;
    this.#session.endTransaction();
    this.whenKnown(reception.commit(), (refusal) => {
      if (refusal === null) this.server.log.info("Message accepted", reception.facts());
      this.#answer(refusal ?? storedReply(reception.transaction.id));
    });
  }

  #goOn(login: LineExchange, next: Promise<LineStep>): void {
    this.whenKnown(next, (step) => {
      switch (step.kind) {
        case "challenge":
          this.mode = { kind: "login", login };
          return this.#answer(plainReply(334, step.text));
        case "success":
          this.#session.logIn(step.user.name);
          return this.#answer(replies.loggedIn);
        case "failure":
          if (step.reason === "credentials") {
            this.server.log.warn("Login failed", { client: this.#session.client.address });
          }
          return this.#answer(loginFailures[step.reason]);
      }
    });
  }

  #startTls(): void {
    this.#answer(replies.readyForTls);
    // What came with the command came in the clear: from whom, nobody knows (RFC 3207, section 4.2).
    this.received.clear();
    this.#lines.reset();
    const handshake = this.transport.startTLS(this.server.tls!).catch((error) => {
      // The connection is lost, as connectionLost tells. Anybody can bring that about.
      this.server.log.debug("TLS handshake failed", { error });
      return null;
    });
    this.whenKnown(handshake, (info) => {
      if (info !== null) this.#session.secure(info);
    }, tls);
  }

  #greet(): void {
    const { greetingDelay, time } = this.server;
    if (greetingDelay === 0) return this.#answer(this.#session.greeting());
    if (this.received.length > 0) return this.#close(replies.early);
    const timer = time.callLater(greetingDelay, () => {
      this.mode = command;
      this.#answer(this.#session.greeting());
    });
    this.mode = { kind: "greeting", timer };
  }

  /** Send a reply. Some close the connection, and too many that refuse do. */
  #answer(reply: Reply): void {
    this.transport.write(reply.bytes);
    if (closes(reply)) this.end();
    else if (reply.code >= 500) this.countError();
  }

  /** Send the last reply. */
  #close(reply: Reply): void {
    this.closeWith(reply.bytes);
  }
}
