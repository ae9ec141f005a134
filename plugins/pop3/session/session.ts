import type { MaildirEntry } from "../../../services/mail/maildir_entry.ts";
import type { Command } from "../command/command.ts";
import type { Maildrop } from "../maildrop/maildrop.ts";
import * as replies from "../reply/replies.ts";
import { linesReply, positive, type Reply } from "../reply/reply.ts";
import { order, type SessionState } from "./state.ts";

/** What the sessions of a server have in common. */
export interface SessionSettings {
  /** What the server calls itself. */
  readonly hostname: string;
  /** Whether STLS is offered. */
  readonly startTls: boolean;
  /** Whether passwords may be sent in the clear. */
  readonly insecureAuth: boolean;
  /** The mechanisms of AUTH. */
  readonly mechanisms: readonly string[];
}

/** What is to be done about a command: the session decides, and whoever has the connection does it. */
export type Step =
  /** Answer, and go on. */
  | { readonly kind: "reply"; readonly reply: Reply }
  /** Send lines, none of which begins with a dot, and the dot that ends them. */
  | { readonly kind: "listing"; readonly lines: Iterable<string> }
  /** Send a message: all of it, or its header and so many lines of its body. */
  | {
    readonly kind: "message";
    readonly entry: MaildirEntry;
    readonly reply: Reply;
    readonly lines: number | null;
  }
  /** Log the client in by name and password, then call {@linkcode Session.open} if they are right. */
  | { readonly kind: "password"; readonly name: string; readonly password: string }
  /** The same by name and digest (APOP). */
  | { readonly kind: "digest"; readonly name: string; readonly digest: string }
  /** The same by a mechanism of SASL. */
  | { readonly kind: "login"; readonly mechanism: string; readonly initial: string | null }
  /** Answer, switch to TLS, then call {@linkcode Session.secure}. */
  | { readonly kind: "startTls" }
  /** Remove these messages, answer, and close. */
  | { readonly kind: "update"; readonly entries: readonly MaildirEntry[] }
  /** Answer, and close. */
  | { readonly kind: "quit" };

/**
 * The server's side of a session as RFC 1939 and its extensions have it, apart from bytes, clocks and files: which
 * command may come when, and what has come of it.
 */
export class Session {
  readonly #settings: SessionSettings;
  /** What an APOP client signs; null where APOP is not offered. */
  readonly #timestamp: string | null;
  #secure: boolean;
  #state: SessionState = "start";
  #name = "";
  #maildrop: Maildrop | null = null;

  constructor(settings: SessionSettings, secure: boolean, timestamp: string | null) {
    this.#settings = settings;
    this.#secure = secure;
    this.#timestamp = timestamp;
  }

  /** Whether somebody is logged in. */
  get loggedIn(): boolean {
    return this.#state === "transaction";
  }

  /** The first thing that is said. */
  greeting(): Reply {
    const { hostname } = this.#settings;
    return positive(`${hostname} POP3 ready${this.#timestamp === null ? "" : ` ${this.#timestamp}`}`);
  }

  /** What is to be done about a command. */
  receive(command: Command): Step {
    const outOfOrder = order[command.verb][this.#state];
    if (outOfOrder !== null) return say(outOfOrder);
    switch (command.verb) {
      case "CAPA":
        return say(linesReply("Capabilities follow", this.#capabilities()));
      case "STLS":
        return this.#startTls();
      case "USER":
        return this.#user(command.name);
      case "PASS":
        this.#state = "start";
        return { kind: "password", name: this.#name, password: command.password };
      case "APOP":
        if (this.#timestamp === null) return say(replies.noApop);
        return { kind: "digest", name: command.name, digest: command.digest };
      case "AUTH":
        return this.#auth(command.mechanism, command.initial);
      case "STAT":
        return say(positive(`${this.#open.count} ${this.#open.octets}`));
      case "LIST":
        return this.#list(command.message, (number) => this.#open.sizeLine(number), () => this.#open.sizes());
      case "UIDL":
        return this.#list(command.message, (number) => this.#open.uidLine(number), () => this.#open.uids());
      case "RETR":
        return this.#retrieve(command.message, null);
      case "TOP":
        return this.#retrieve(command.message, command.lines);
      case "DELE":
        return say(this.#open.mark(command.message) ? replies.marked : replies.noSuchMessage);
      case "RSET":
        this.#open.reset();
        return say(positive(`${this.#open.count} messages`));
      case "NOOP":
        return say(replies.ok);
      case "QUIT":
        return this.#maildrop === null ? { kind: "quit" } : { kind: "update", entries: this.#open.marked() };
    }
  }

  /** The client is logged in, and `maildrop` is theirs. Returns what to say. */
  open(maildrop: Maildrop): Reply {
    this.#maildrop = maildrop;
    this.#state = "transaction";
    return positive(`${maildrop.count} messages`);
  }

  /** The connection has switched to TLS. What was said before counts no more (RFC 2595, section 4). */
  secure(): void {
    this.#secure = true;
    this.#state = "start";
    this.#name = "";
  }

  /** In `transaction`, there is one. */
  get #open(): Maildrop {
    return this.#maildrop!;
  }

  get #takesPasswords(): boolean {
    return this.#secure || this.#settings.insecureAuth;
  }

  #capabilities(): string[] {
    const { startTls, mechanisms } = this.#settings;
    return [
      "TOP",
      "UIDL",
      "RESP-CODES",
      "AUTH-RESP-CODE",
      "PIPELINING",
      "EXPIRE NEVER",
      ...(startTls && !this.#secure && !this.loggedIn ? ["STLS"] : []),
      ...(this.#takesPasswords ? ["USER", `SASL ${mechanisms.join(" ")}`] : []),
    ];
  }

  #startTls(): Step {
    if (this.#secure) return say(replies.tlsAlready);
    return this.#settings.startTls ? { kind: "startTls" } : say(replies.noTls);
  }

  #user(name: string): Step {
    if (!this.#takesPasswords) return say(replies.tlsFirst);
    this.#name = name;
    this.#state = "named";
    return say(replies.sendPassword);
  }

  #auth(mechanism: string, initial: string | null): Step {
    if (!this.#takesPasswords) return say(replies.tlsFirst);
    if (!this.#settings.mechanisms.includes(mechanism.toUpperCase())) return say(replies.unknownMechanism);
    return { kind: "login", mechanism, initial };
  }

  #list(
    message: number | null,
    one: (number: number) => string | null,
    all: () => Iterable<string>,
  ): Step {
    if (message === null) return { kind: "listing", lines: all() };
    const line = one(message);
    return say(line === null ? replies.noSuchMessage : positive(line));
  }

  #retrieve(number: number, lines: number | null): Step {
    const message = this.#open.find(number);
    if (message === null) return say(replies.noSuchMessage);
    const reply = lines === null ? positive(`${message.size} octets`) : replies.top;
    return { kind: "message", entry: message.entry, reply, lines };
  }
}

function say(reply: Reply): Step {
  return { kind: "reply", reply };
}
