import type { ReplyHeaders } from "./reply.ts";

/** What a `Response` consists of whose body is there already. */
export interface ResponseParts {
  readonly headers: ReplyHeaders;
  readonly body: string | Uint8Array | null;
}

/**
 * The parts of a `Response` with no body, or one that is a string or bytes; null when it is a stream, or used up.
 *
 * The standard has no way to ask: reading `body` makes a stream of it, which costs more than all the rest of a
 * small reply, and `headers` a list of its own. The platform knows; its knowledge is looked for in responses
 * made for the purpose, once, and used only if it says of all of them what the standard interface says.
 * Otherwise every body is taken for a stream, which is right, and slower.
 */
export const partsOf: (response: Response) => ResponseParts | null = findReader() ?? (() => null);

type Reader = typeof partsOf;

/** What the platform keeps of a response, as far as it is read here. */
interface Inner {
  readonly headerList: [name: string, value: string][];
  readonly body: { readonly streamOrStatic: unknown } | null;
}

function findReader(): Reader | null {
  const symbols = Object.getOwnPropertySymbols(new Response());
  const named = (name: string) => symbols.find((symbol) => symbol.description === name);
  const inner = named("response");
  if (inner === undefined) return null;
  const reader = readerOf(inner, named("lazy static body"), named("lazy static content type"));
  try {
    return tellsTheTruth(reader) ? reader : null;
  } catch {
    return null;
  }
}

function readerOf(inner: symbol, lazyBody?: symbol, lazyType?: symbol): Reader {
  const lists = new Map<string, ReplyHeaders>();
  const typed = (type: string): ReplyHeaders => {
    const known = lists.get(type);
    if (known !== undefined) return known;
    const headers: ReplyHeaders = [["content-type", type]];
    if (lists.size < 100) lists.set(type, headers);
    return headers;
  };
  return (response) => {
    const slots = response as unknown as Readonly<Record<symbol, unknown>>;
    if (lazyBody !== undefined && lazyType !== undefined) {
      const body = slots[lazyBody];
      // Of a string nobody has looked at so far; it has no fields but this.
      if (typeof body === "string") {
        return { headers: typed(slots[lazyType] as string | null ?? "text/plain;charset=UTF-8"), body };
      }
    }
    const { headerList, body } = slots[inner] as Inner;
    if (body === null) return { headers: headerList, body: null };
    const { body: content, consumed } = body.streamOrStatic as { body?: unknown; consumed?: unknown };
    if (consumed !== false) return null;
    if (typeof content !== "string" && !(content instanceof Uint8Array)) return null;
    return { headers: headerList, body: content };
  };
}

/** Whether `reader` finds in samples of every kind what they were made of. */
function tellsTheTruth(reader: Reader): boolean {
  const changed = new Response("sample");
  changed.headers.set("x-sample", "set");
  changed.headers.delete("content-type");
  const looked = new Response("sample", { status: 404 });
  looked.headers.get("content-type");
  const text = "text/plain;charset=UTF-8";
  const statics: [Response, body: string | null, headers: Record<string, string>][] = [
    [new Response("sample"), "sample", { "content-type": text }],
    [new Response("sample", { headers: { "x-a": "b" } }), "sample", { "x-a": "b", "content-type": text }],
    [changed, "sample", { "x-sample": "set" }],
    [looked, "sample", { "content-type": text }],
    [new Response(new Uint8Array([0x61])), "a", {}],
    [Response.json(["sample"]), '["sample"]', { "content-type": "application/json" }],
    [Response.json(1, { headers: { "x-a": "b" } }), "1", { "x-a": "b", "content-type": "application/json" }],
    [new Response(null, { status: 204, headers: { "x-a": "b" } }), null, { "x-a": "b" }],
    [new Response(), null, {}],
  ];
  const used = new Response("sample");
  void used.text();
  const others = [
    new Response(new ReadableStream()),
    new Response(new ReadableStream(), { headers: { "content-type": text } }),
    used,
  ];
  return others.every((response) => reader(response) === null) &&
    statics.every(([response, body, headers]) => {
      const parts = reader(response);
      return parts !== null && textOf(parts.body) === body && sameFields(parts.headers, headers);
    });
}

function textOf(body: string | Uint8Array | null): string | null {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : body;
}

function sameFields(found: ReplyHeaders, expected: Readonly<Record<string, string>>): boolean {
  const fields = [...found as Iterable<readonly [string, string]>];
  return fields.length === Object.keys(expected).length &&
    fields.every(([name, value]) => expected[name.toLowerCase()] === value);
}
