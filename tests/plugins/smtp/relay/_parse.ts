/** The parts of a report. */
export interface Report {
  readonly headers: Readonly<Record<string, string>>;
  /** `Content-Type` without the boundary. */
  readonly type: string;
  readonly text: string;
  /** The fields for programs. */
  readonly status: string;
  readonly returned: string;
}

/** Takes a report apart. */
export function parseMessage(bytes: Uint8Array): Report {
  const message = new TextDecoder().decode(bytes);
  const end = message.indexOf("\r\n\r\n");
  const fields = message.slice(0, end).replaceAll(/\r\n[ \t]+/g, " ").split("\r\n").map((field) => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
  });
  const headers = Object.fromEntries(fields);
  const [type, boundary] = headers["content-type"]!.split(" boundary=");
  const parts = message.split(`\r\n--${boundary!.replaceAll('"', "")}`);
  const body = (at: number) => parts[at]!.slice(parts[at]!.indexOf("\r\n\r\n") + 4);
  return { headers, type: type!, text: body(1), status: body(2), returned: body(3) };
}
