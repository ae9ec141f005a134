import * as replies from "../reply/replies.ts";
import type { Reply } from "../reply/reply.ts";
import type { DsnNotify, DsnReturn, Recipient, Sender } from "./command.ts";
import { decodeXtext } from "./xtext.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** Puts the value of one parameter into `into`; or says what is wrong. */
type ReadParameter<T> = (value: string | undefined, into: Mutable<T>) => Reply | null;

const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\p{Cc} =]+))?$/u;
/** Of octets that a size may have (RFC 1870, section 4). */
const DIGITS = /^[0-9]{1,20}$/;
/** RFC 3461, section 4.4. */
const LONGEST_ENVELOPE_ID = 100;
const LONGEST_ORIGINAL = 500;

/** The parameters of MAIL. */
export const senderParameters: Readonly<Record<string, ReadParameter<Sender>>> = {
  SIZE(value, into) {
    if (value === undefined || !DIGITS.test(value)) return replies.badSize;
    into.size = Number(value);
    return null;
  },
  BODY(value, into) {
    const body = value?.toUpperCase();
    if (body !== "7BIT" && body !== "8BITMIME") return replies.badBody;
    into.body = body;
    return null;
  },
  SMTPUTF8(value, into) {
    if (value !== undefined) return replies.noValue;
    into.smtpUtf8 = true;
    return null;
  },
  RET(value, into) {
    const ret = value?.toUpperCase();
    if (ret !== "FULL" && ret !== "HDRS") return replies.badDsn;
    into.ret = ret satisfies DsnReturn;
    return null;
  },
  ENVID(value, into) {
    const id = value === undefined || value.length > LONGEST_ENVELOPE_ID ? null : decodeXtext(value);
    if (id === null) return replies.badDsn;
    into.envelopeId = id;
    return null;
  },
  AUTH(value, into) {
    const auth = value === undefined ? null : value === "<>" ? value : decodeXtext(value);
    if (auth === null) return replies.badAuthParameter;
    into.auth = auth;
    return null;
  },
};

/** The parameters of RCPT. */
export const recipientParameters: Readonly<Record<string, ReadParameter<Recipient>>> = {
  NOTIFY(value, into) {
    const notify = value?.toUpperCase().split(",") ?? [];
    const sound = notify.length > 0 && new Set(notify).size === notify.length &&
      notify.every((when) => when === "SUCCESS" || when === "FAILURE" || when === "DELAY");
    if (!sound && notify.join() !== "NEVER") return replies.badDsn;
    into.notify = notify as DsnNotify[];
    return null;
  },
  ORCPT(value, into) {
    const [, kind, written] = /^([A-Za-z0-9-]+);(.+)$/s.exec(value?.slice(0, LONGEST_ORIGINAL + 1) ?? "") ??
      [];
    const original = value === undefined || value.length > LONGEST_ORIGINAL || written === undefined
      ? null
      : decodeXtext(written);
    if (original === null) return replies.badDsn;
    into.originalRecipient = `${kind};${original}`;
    return null;
  },
};

/** Reads ` KEY=value KEY ...` into `into`; null when all is well. */
export function readParameters<T>(
  text: string,
  known: Readonly<Record<string, ReadParameter<T>>>,
  into: Mutable<T>,
): Reply | null {
  const seen = new Set<string>();
  for (const word of text.split(" ")) {
    if (word === "") continue;
    const [, written, value] = PARAMETER.exec(word) ?? [];
    if (written === undefined) return replies.badArguments;
    const key = written.toUpperCase();
    if (!Object.hasOwn(known, key)) return replies.unknownParameter;
    if (seen.has(key)) return replies.twice;
    seen.add(key);
    const problem = known[key]!(value, into);
    if (problem !== null) return problem;
  }
  return null;
}
