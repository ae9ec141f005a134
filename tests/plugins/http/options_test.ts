import http from "../../../plugins/http/mod.ts";
import type { Plugin } from "../../../services/plugin/plugin.ts";
import { assertStringIncludes } from "../../assert.ts";
import { complaint } from "../../runner/app/_support.ts";

/** What `heddle check` says of options. */
function complain(options: object): Promise<string> {
  const text = `services: { web: { plugin: http, options: ${JSON.stringify(options)} } }`;
  return complaint(text, { plugins: { http: http as Plugin } });
}

const wrong: [options: object, message: string][] = [
  [{}, "services.web.options: Missing: say what to serve, by root, routes or sites"],
  [
    { routes: [{ respond: "a" }], sites: [{ routes: [{ respond: "b" }] }] },
    "services.web.options.sites: Must not stand beside routes",
  ],
  [{ routes: [{}] }, "services.web.options.routes[0]: Missing: a route needs one of"],
  [
    { routes: [{ path: "a", respond: "" }] },
    'services.web.options.routes[0].path: Cannot use path "a": it must begin with "/"',
  ],
  [{ routes: [{ path: "/a*", respond: "" }] }, 'it may have "*" only at its end'],
  [{ routes: [{ path: "/a//b", respond: "" }] }, "it can never match"],
  [{ routes: [{ path: "/a/../b", respond: "" }] }, "it can never match"],
  [{ routes: [{ path: "/a?b", respond: "" }] }, "it must not have a query"],
  [{ routes: [{ path: "/%41", respond: "" }] }, "write the character itself"],
  [
    { routes: [{ respond: "" }, { path: "/x", respond: "" }] },
    "services.web.options.routes[1].path: Route /x is never reached: /* stands before it; put it first",
  ],
  [
    {
      sites: [{ hosts: "a.example", routes: [{ respond: "" }] }, {
        hosts: ["A.example"],
        routes: [{ respond: "" }],
      }],
    },
    'services.web.options.sites[1].hosts: Host "a.example" belongs to sites[0] already',
  ],
  [
    { sites: [{ routes: [{ respond: "" }] }, { routes: [{ respond: "" }] }] },
    "services.web.options.sites[1]: Only one site",
  ],
  [
    { sites: [{ hosts: "a:80", routes: [{ respond: "" }] }] },
    'services.web.options.sites[0].hosts: Cannot use host "a:80": it must be without a port',
  ],
  [{ sites: [{ hosts: "a.*", routes: [{ respond: "" }] }] }, 'it may have "*" only as its first label'],
  [
    { routes: [{ respond: { body: "", json: 1 } }] },
    "services.web.options.routes[0].respond.json: Must not stand beside body",
  ],
  [
    { routes: [{ respond: { headers: { "a b": "" } } }] },
    'services.web.options.routes[0].respond.headers."a b": Must be the name of a header field, not "a b"',
  ],
  [{ routes: [{ respond: { headers: { a: "x\ny" } } }] }, "Must be on one line"],
  [
    { listen: ["tcp:8080", "tpc:8081"], root: "." },
    'services.web.options.listen[1]: Cannot parse endpoint "tpc:8081": unknown scheme "tpc"',
  ],
  [
    { http2: ["unix:a.sock"], root: "." },
    "services.web.options.http2[0]: HTTP/2 is served on tcp and tls endpoints alone, not on unix",
  ],
  [
    { http2: { unix: "a.sock" }, root: "." },
    "services.web.options.http2: HTTP/2 is served on tcp and tls endpoints alone, not on unix",
  ],
  [{ routes: [{ respond: { status: 99 } }] }, "status: Must be at least 200, not the number 99"],
  [
    { routes: [{ path: "/a", redirect: { to: "/b", status: 305 } }] },
    "status: Must be 301 or 302 or 303 or 307 or 308, not the number 305",
  ],
  [
    { root: ".", basicAuth: { users: { "a:b": "x" } } },
    'services.web.options.basicAuth.users."a:b": Must be without ":"',
  ],
];

for (const [options, message] of wrong) {
  Deno.test(`options are refused: ${message}`, async () => {
    assertStringIncludes(await complain(options), message);
  });
}
