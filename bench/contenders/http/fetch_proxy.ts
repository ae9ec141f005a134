// A proxy of `fetch` alone, on a port of the system's choice: `fetch_proxy.ts PORT`
const target = `http://127.0.0.1:${Deno.args[0]}`;

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  tcpBacklog: 4096,
  onListen: ({ port }) => console.log(`ready ${port}`),
}, (request) => {
  const { pathname, search } = new URL(request.url);
  const { method, headers, body } = request;
  return fetch(target + pathname + search, { method, headers, body, redirect: "manual" });
});
