import type { DelayedCall, ReactorTime } from "../../../../services/async/time.ts";
import type { ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { answerQuestions } from "./answer_questions.ts";
import { Claim, type ClaimLink, type ClaimSpec } from "./claim.ts";
import {
  legacyResponse,
  type Message,
  PORT,
  queryMessages,
  readMessage,
  responseMessages,
} from "./message.ts";
import { Outbox } from "./outbox.ts";
import { goodbye, type OwnRecord, sameName } from "./record.ts";

/** Where a message came from. */
export interface Sender {
  readonly hostname: string;
  readonly port: number;
}

/** What a link is made of. */
export interface LinkOptions {
  readonly time: ReactorTime;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Send to one, or to all of the link. */
  readonly send: (message: Uint8Array, to: Sender | "all") => void;
  /** A name is ours, perhaps another one than was wanted. */
  readonly settled: (claim: Claim) => void;
  /** Records that somebody says. */
  readonly heard: (records: readonly ResourceRecord[]) => void;
}

/** RFC 6762, section 6: so that not all who have an answer give it at once. */
const SHARED_DELAY = { least: 20, most: 120 };
/** Section 7.2: the rest of what the asker knows is on its way. */
const TRUNCATED_DELAY = { least: 400, most: 500 };
/** Askers whose lists of known answers are awaited at once; beyond that, all are answered at once. */
const MOST_AWAITED = 64;

/** One network that this machine is on: what we say there, and what is heard. Multicast DNS, RFC 6762. */
export class Link {
  readonly #options: LinkOptions;
  readonly #claims = new Set<Claim>();
  readonly #outbox: Outbox;
  /** Questions whose known answers are still coming, by asker. */
  readonly #awaited = new Map<string, { readonly messages: Message[]; readonly timer: DelayedCall }>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.time, (answers, additionals) => this.#say(answers, additionals));
  }

  /** Try to have a name. */
  claim(spec: ClaimSpec): Claim {
    const { time, random, settled } = this.#options;
    const link: ClaimLink = {
      time,
      random,
      settled,
      probe: (name, records) =>
        this.#sendAll(queryMessages([{ name, type: "ANY", class: "IN" }], [], records)),
      announce: (records) => {
        this.#outbox.noteSaid(records);
        this.#say(records, []);
      },
      goodbye: (records) => {
        this.#outbox.forget(records);
        this.#say(records.map(goodbye), []);
      },
    };
    const claim = new Claim(spec, link);
    this.#claims.add(claim);
    return claim;
  }

  /** Give a name up. */
  release(claim: Claim): void {
    this.#claims.delete(claim);
    claim.withdraw();
  }

  /** Ask all; `known` need not be told again. */
  ask(
    questions: readonly { readonly name: string; readonly type: string }[],
    known: readonly ResourceRecord[],
  ): void {
    this.#sendAll(queryMessages(questions.map((question) => ({ ...question, class: "IN" })), known));
  }

  /** A message came from somebody on this link. */
  receive(bytes: Uint8Array, from: Sender): void {
    const message = readMessage(bytes);
    if (message === null) return;
    if (message.isResponse) {
      // Section 11: what comes from another port is no response.
      if (from.port === PORT) this.#hear([...message.answers, ...message.additionals]);
    } else this.#asked(message, from);
  }

  /** Tell that all of ours is gone, and fall silent. */
  close(): void {
    for (const claim of this.#claims) claim.withdraw();
    this.#claims.clear();
    for (const { timer } of this.#awaited.values()) timer.cancel();
    this.#awaited.clear();
    this.#outbox.close();
  }

  #hear(records: readonly ResourceRecord[]): void {
    for (const record of records) {
      this.#outbox.suppress(record);
      for (const claim of this.#claims) claim.recordSeen(record);
    }
    this.#options.heard(records);
  }

  #asked(message: Message, from: Sender): void {
    if (message.authorities.length > 0) this.#probeSeen(message);
    const asker = `${from.hostname}:${from.port}`;
    const awaited = this.#awaited.get(asker);
    if (awaited !== undefined) {
      awaited.messages.push(message);
      if (!message.truncated) this.#answerAwaited(asker, from);
    } else if (message.truncated && this.#awaited.size < MOST_AWAITED) {
      const timer = this.#options.time.callLater(
        this.#between(TRUNCATED_DELAY),
        () => this.#answerAwaited(asker, from),
      );
      this.#awaited.set(asker, { messages: [message], timer });
    } else this.#answer([message], from);
  }

  #probeSeen({ questions, authorities }: Message): void {
    for (const { name } of questions) {
      const theirs = authorities.filter((record) => sameName(record.name, name));
      for (const claim of this.#claims) claim.probeSeen(name, theirs);
    }
  }

  #answerAwaited(asker: string, from: Sender): void {
    const { messages, timer } = this.#awaited.get(asker)!;
    timer.cancel();
    this.#awaited.delete(asker);
    this.#answer(messages, from);
  }

  #answer(messages: readonly Message[], from: Sender): void {
    const questions = messages.flatMap((message) => message.questions);
    const known = messages.flatMap((message) => message.answers);
    const { answers, additionals, shared } = answerQuestions(questions, this.#own(), known);
    if (answers.length === 0) return;
    const { send } = this.#options;
    if (from.port !== PORT) return send(legacyResponse(messages[0]!.id, questions, answers), from);
    const isProbe = messages.some(({ authorities }) => authorities.length > 0);
    if (questions.every(({ unicast }) => unicast)) {
      for (const message of responseMessages(answers, additionals)) send(message, from);
      return;
    }
    const delay = shared && !isProbe ? this.#between(SHARED_DELAY) : 0;
    this.#outbox.add(answers, additionals, delay, { defending: isProbe });
  }

  #own(): OwnRecord[] {
    return [...this.#claims].filter((claim) => claim.isOurs).flatMap((claim) => claim.records);
  }

  #say(answers: readonly ResourceRecord[], additionals: readonly ResourceRecord[]): void {
    this.#sendAll(responseMessages(answers, additionals));
  }

  #sendAll(messages: readonly Uint8Array[]): void {
    for (const message of messages) this.#options.send(message, "all");
  }

  #between({ least, most }: { readonly least: number; readonly most: number }): number {
    return least + this.#options.random() * (most - least);
  }
}
