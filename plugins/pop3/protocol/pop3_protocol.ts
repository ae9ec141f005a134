import type { DelayedCall } from "../../../services/async/time.ts";
import {
  command,
  Dialogue,
  FAREWELL,
  type Farewells,
  tls,
} from "../../../services/mail/dialogue/dialogue.ts";
import { LineReader } from "../../../services/mail/dialogue/line_reader.ts";
import { MessageGoneError } from "../../../services/mail/maildir.ts";
import type { MaildirEntry } from "../../../services/mail/maildir_entry.ts";
import { LineExchange, type LineStep, LONGEST_RESPONSE } from "../../../services/mail/sasl/line_exchange.ts";
import { startSasl } from "../../../services/mail/sasl/mechanisms.ts";
import type { User } from "../../../services/mail/users.ts";
import { formatAddress } from "../../../services/reactor/address.ts";
import { parseCommand } from "../command/parse_command.ts";
import { OpenMaildrop } from "../maildrop/open_maildrop.ts";
import * as replies from "../reply/replies.ts";
import { challengeReply, type Reply } from "../reply/reply.ts";
import { Session, type Step } from "../session/session.ts";
import type { Pop3Mode } from "./mode.ts";
import { listingChunks, messageChunks } from "./outgoing.ts";
import type { Pop3Server } from "./server.ts";

/** Octets that may wait to be sent before more are made. */
const AHEAD = 64 * 1024;

const farewells: Farewells = {
  stopping: replies.stopping.bytes,
  // RFC 1939, section 3: without a response, and without removing anything.
  idle: new Uint8Array(),
  tooManyErrors: replies.tooManyErrors.bytes,
};

/** One client's connection: gives what arrives to the session, and does what the session decides. */
export class Pop3Protocol extends Dialogue<Pop3Mode> {
  readonly #server: Pop3Server;
  readonly #left: () => void;
  readonly #lines: LineReader;
  #session!: Session;
  #timestamp: string | null = null;
  #maildrop: OpenMaildrop | null = null;
  #failedLogins = 0;
  /** A failed login's answer, which is held back. */
  #penalty: DelayedCall | null = null;

  /** @param left called when the connection is over */
  constructor(server: Pop3Server, left: () => void) {
    super(server, farewells);
    this.#server = server;
    this.#left = left;
    this.#lines = new LineReader(this.received, true);
  }

  override connectionMade(): void {
    this.#timestamp = this.#server.timestamp?.() ?? null;
    this.#session = new Session(this.#server.session, this.transport.tls !== null, this.#timestamp);
    this.watch();
    this.mode = command;
    this.#answer(this.#session.greeting());
  }

  override connectionLost(): void {
    this.#left();
    super.connectionLost();
  }

  override get patience(): number {
    const { idle, login, tls } = this.#server.timeouts;
    switch (this.mode.kind) {
      case "closing":
        return FAREWELL;
      case "tls":
        return tls;
      default:
        return this.#session.loggedIn ? idle : login;
    }
  }

  protected override get idle(): boolean {
    return this.mode.kind === "command" || this.mode.kind === "login";
  }

  protected override abandon(): void {
    this.#penalty?.cancel();
    this.#maildrop?.[Symbol.dispose]();
    this.#maildrop = null;
  }

  protected override answerFailure(): void {
    this.#answer(replies.failed);
  }

  protected override advance(): boolean {
    const { mode } = this;
    if (mode.kind !== "command" && mode.kind !== "login" || this.received.length === 0) return false;
    const login = mode.kind === "login" ? mode.login : null;
    const line = this.#lines.next(login === null ? this.#server.limits.commandLength : LONGEST_RESPONSE);
    if (line === "incomplete") return false;
    this.progress++;
    if (typeof line === "string") {
      // Too long, since LF alone ends a line here.
      this.mode = command;
      this.#answer(replies.lineTooLong);
    } else if (login === null) {
      const { command, fault } = parseCommand(line);
      if (fault === undefined) this.#perform(this.#session.receive(command));
      else this.#answer(fault);
    } else {
      this.#goOn(login, login.receive(line));
    }
    return true;
  }

  #perform(step: Step): void {
    switch (step.kind) {
      case "reply":
        return this.#answer(step.reply);
      case "listing":
        return this.whenKnown(this.#send(replies.listing, listingChunks(step.lines)), () => {});
      case "message":
        return this.#retrieve(step.entry, step.reply, step.lines);
      case "password":
        return this.#logIn(this.#server.users.verify(step.name, step.password));
      case "digest":
        return this.#logIn(this.#server.users.verifyDigest(step.name, this.#timestamp!, step.digest));
      case "login": {
        const login = new LineExchange(startSasl(step.mechanism, this.#server.users)!);
        return this.#goOn(login, login.start(step.initial));
      }
      case "startTls":
        return this.#startTls();
      case "update":
        return this.#update(step.entries);
      case "quit":
        return this.closeWith(replies.bye.bytes);
    }
  }

  // Logging in

  #goOn(login: LineExchange, next: Promise<LineStep>): void {
    this.whenKnown(next, (step) => {
      switch (step.kind) {
        case "challenge":
          this.mode = { kind: "login", login };
          return this.#answer(challengeReply(step.text));
        case "success":
          return this.#open(step.user);
        case "failure":
          if (step.reason === "credentials") return this.#refuseLogin();
          return this.#answer(step.reason === "cancelled" ? replies.cancelled : replies.badResponse);
      }
    });
  }

  #logIn(user: Promise<User | null>): void {
    this.whenKnown(user, (user) => user === null ? this.#refuseLogin() : this.#open(user));
  }

  /** Answered late, so that guessing takes long; more than a few guesses take another connection. */
  #refuseLogin(): void {
    this.#server.log.warn("Login failed", { client: formatAddress(this.transport.peer) });
    const { failedLoginDelay, limits, time } = this.#server;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#penalty = time.callLater(failedLoginDelay, resolve);
    this.whenKnown(promise, () => {
      if (++this.#failedLogins < limits.failedLogins) this.#answer(replies.wrongCredentials);
      else this.closeWith(replies.wrongCredentials.bytes);
    });
  }

  #open(user: User): void {
    this.whenKnown(this.#openMaildrop(user), (maildrop) => {
      if (maildrop === null) return this.#answer(replies.inUse);
      this.#answer(this.#session.open(maildrop.messages));
    });
  }

  /** The maildrop, which is this connection's from then on; null when another session has it. */
  async #openMaildrop(user: User): Promise<OpenMaildrop | null> {
    const maildrop = await OpenMaildrop.open(this.#server.mailboxes.get(user.name));
    if (this.mode.kind === "closing") {
      maildrop?.[Symbol.dispose]();
      return null;
    }
    this.#maildrop = maildrop;
    return maildrop;
  }

  #startTls(): void {
    this.#answer(replies.readyForTls);
    // What came with the command came in the clear: from whom, nobody knows (RFC 2595, section 4).
    this.received.clear();
    this.#lines.reset();
    const handshake = this.transport.startTLS(this.#server.tls!).catch((error) => {
      // The connection is lost, as connectionLost tells. Anybody can bring that about.
      this.#server.log.debug("TLS handshake failed", { error });
      return null;
    });
    this.whenKnown(handshake, (info) => {
      if (info !== null) this.#session.secure();
    }, tls);
  }

  // Messages

  #retrieve(entry: MaildirEntry, reply: Reply, lines: number | null): void {
    const maildrop = this.#maildrop!;
    const opened = maildrop.read(entry).catch((error) => {
      if (error instanceof MessageGoneError) return null;
      throw error;
    });
    this.whenKnown(opened, (pieces) => {
      if (pieces === null) return this.#answer(replies.messageGone);
      this.whenKnown(this.#send(reply, messageChunks(pieces, lines)), () => {});
    });
  }

  /** Send a reply of several lines, no faster than the client takes them. */
  async #send(reply: Reply, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    this.transport.write(reply.bytes);
    try {
      for await (const chunk of chunks) {
        if (this.mode.kind === "closing") return;
        this.transport.write(chunk);
        if (this.transport.bufferedBytes > AHEAD) await this.transport.drained();
        this.progress++;
      }
    } catch (error) {
      // Part of it is sent: a reply that says so would be taken for the rest.
      this.#server.log.error("Cannot send all of a message", { error });
      this.transport.abortConnection("Message could not be read");
    }
  }

  /** RFC 1939, section 6. It is finished also when the client leaves meanwhile: it has said QUIT. */
  #update(entries: readonly MaildirEntry[]): void {
    const maildrop = this.#maildrop!;
    this.#maildrop = null;
    const removed = (async () => {
      using open = maildrop;
      await open.remove(entries);
    })().then(() => replies.bye, (error) => {
      this.#server.log.error("Cannot remove messages", { error });
      return replies.notRemoved;
    });
    this.whenKnown(removed, (reply) => this.closeWith(reply.bytes));
  }

  /** Send a reply; too many that refuse close the connection. */
  #answer(reply: Reply): void {
    this.transport.write(reply.bytes);
    if (!reply.ok) this.countError();
  }
}
