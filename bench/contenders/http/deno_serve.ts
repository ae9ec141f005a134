// The runtime's own server with one handler: `deno_serve.ts hello | data | count | stream | hono | socket`
import { DATA_HEADERS, dataFor, HELLO, longStream, READ_HEADER } from "./_replies.ts";

type Handler = (request: Request) => Response | Promise<Response>;

const handlers: Readonly<Record<string, () => Handler | Promise<Handler>>> = {
  hello: () => () => new Response(HELLO),
  data: () => (request) =>
    new Response(JSON.stringify(dataFor(request.headers.get(READ_HEADER))), { headers: DATA_HEADERS }),
  count: () => async (request) => new Response(String((await request.bytes()).length)),
  stream: () => () => new Response(longStream()),
  hono: async () => {
    const { app } = await import("./_hono_app.ts");
    return (request) => app.fetch(request);
  },
  socket: () => (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  },
};

const handler = await handlers[Deno.args[0] ?? ""]!();
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  tcpBacklog: 4096,
  onListen: ({ port }) => console.log(`ready ${port}`),
  // A client that leaves in the middle of its upload.
  onError: () => new Response(null, { status: 500 }),
}, handler);
