// Heddle's HTTP engine with one handler: `heddle.ts hello | data | count | stream | response | hono | socket`;
// with `http2` behind that, by the adapter to the runtime's server.
import { DenoReactor } from "../../../mod.ts";
import { asHandler, type Handler, Reply, serveHttp, serveHttp2 } from "../../../services/http/mod.ts";
import { DATA_HEADERS, dataFor, HELLO, longStream, READ_HEADER } from "./_replies.ts";

const handlers: Readonly<Record<string, () => Handler | Promise<Handler>>> = {
  hello: () => () => new Reply(HELLO),
  data: () => (request) =>
    new Reply(JSON.stringify(dataFor(request.header(READ_HEADER))), { headers: DATA_HEADERS }),
  count: () => async (request) => new Reply(String((await request.bytes()).length)),
  stream: () => () => new Reply(longStream()),
  response: () => () => new Response(HELLO),
  hono: async () => asHandler((await import("./_hono_app.ts")).app),
  socket: () => (request, info) => {
    const { socket, response } = info.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  },
};

const handler = await handlers[Deno.args[0] ?? ""]!();
const reactor = new DenoReactor({ log: console });
const serve = Deno.args[1] === "http2" ? serveHttp2 : serveHttp;
const { address } = await serve(reactor, "tcp:127.0.0.1:0", handler, { maxConnectionsPerPeer: 20_000 });
if (address.transport === "tcp") console.log(`ready ${address.port}`);
await reactor.run();
