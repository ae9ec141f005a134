/** A command of POP3 (RFC 1939 and its extensions), as it was understood. */
export type Command =
  | { readonly verb: "CAPA" | "STLS" | "STAT" | "NOOP" | "RSET" | "QUIT" }
  | { readonly verb: "USER"; readonly name: string }
  | { readonly verb: "PASS"; readonly password: string }
  /** `digest` is in lower-case hexadecimal. */
  | { readonly verb: "APOP"; readonly name: string; readonly digest: string }
  /** `initial` is base64, or `=` for an empty response. */
  | { readonly verb: "AUTH"; readonly mechanism: string; readonly initial: string | null }
  /** Of one message, by its number; null: of all. */
  | { readonly verb: "LIST" | "UIDL"; readonly message: number | null }
  | { readonly verb: "RETR" | "DELE"; readonly message: number }
  /** `lines` of the body, after the header. */
  | { readonly verb: "TOP"; readonly message: number; readonly lines: number };

/** A command's name. */
export type Verb = Command["verb"];
