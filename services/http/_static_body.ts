/**
 * Whether a Response's body is there already, as a string or bytes, and not a stream. The standard has no
 * way to ask: reading `body` makes a stream of it, which costs more than all the rest of a small reply. The
 * platform knows; its knowledge is looked for in responses made for the purpose, once, and used only if
 * it tells these apart. Otherwise every body is taken for a stream, which is right, and slower.
 */
export const hasStaticBody: (response: Response) => boolean = findTest() ?? (() => false);

function findTest(): ((response: Response) => boolean) | null {
  const statics = () => [
    new Response("sample"),
    new Response("sample", { headers: { "content-type": "text/html" } }),
    new Response(new Uint8Array([1])),
    Response.json({ sample: true }),
  ];
  const streams = () => [
    new Response(new ReadableStream()),
    new Response(new ReadableStream(), { headers: { "content-type": "text/html" } }),
  ];
  const symbols = Object.getOwnPropertySymbols(new Response());
  const named = (name: string) => symbols.find((symbol) => symbol.description === name);
  const inner = named("response");
  if (inner === undefined) return null;
  const test = (response: Response): boolean => {
    const lazy = named("lazy static body");
    if (lazy !== undefined && typeof Reflect.get(response, lazy) === "string") return true;
    const body = Reflect.get(response, inner)?.body?.streamOrStatic;
    return body != null && !(body instanceof ReadableStream) && body.consumed === false;
  };
  try {
    return statics().every(test) && !streams().some(test) ? test : null;
  } catch {
    return null;
  }
}
