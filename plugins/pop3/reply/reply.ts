/** What the server answers (RFC 1939, section 3), ready to be sent: one line, or the first of several. */
export interface Reply {
  /** `+OK`, or `-ERR`. */
  readonly ok: boolean;
  /** With CRLF. */
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

/** `+OK text` */
export function positive(text: string): Reply {
  return { ok: true, bytes: encoder.encode(text === "" ? "+OK\r\n" : `+OK ${text}\r\n`) };
}

/** `-ERR text`; `code` in brackets is for programs (RFC 2449, section 8; RFC 3206). */
export function negative(text: string, code?: "IN-USE" | "AUTH" | "SYS/TEMP" | "SYS/PERM"): Reply {
  return { ok: false, bytes: encoder.encode(`-ERR ${code === undefined ? "" : `[${code}] `}${text}\r\n`) };
}

/** `+ text`: the client has to answer (RFC 5034, section 4). */
export function challengeReply(text: string): Reply {
  return { ok: true, bytes: encoder.encode(`+ ${text}\r\n`) };
}

/** Several lines, none of which begins with a dot, and the dot that ends them. */
export function linesReply(text: string, lines: readonly string[]): Reply {
  return {
    ok: true,
    bytes: encoder.encode(`+OK ${text}\r\n${lines.map((line) => `${line}\r\n`).join("")}.\r\n`),
  };
}
