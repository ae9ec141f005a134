// nginx in one process, on a port of the system's choice: `nginx.ts files FOLDER`, `nginx.ts proxy PORT`, or
// `nginx.ts hello`. Says `ready PORT PID`.
import { freePort, runProgram } from "../_program.ts";

const [kind, argument = ""] = Deno.args;
const locations: Readonly<Record<string, string>> = {
  hello: `location / { default_type text/plain; return 200 "Hello, world!\\n"; }`,
  files: `root "${argument}";`,
  proxy: `location / {
      proxy_pass http://up;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }`,
};
const upstream = kind === "proxy" ? `upstream up { server 127.0.0.1:${argument}; keepalive 256; }` : "";

const folder = await Deno.makeTempDir({ prefix: "heddle-bench-nginx-" });
const port = freePort();
await Deno.writeTextFile(
  `${folder}/nginx.conf`,
  `daemon off;
master_process off;
pid "${folder}/nginx.pid";
error_log stderr crit;
worker_rlimit_nofile 20000;
events { worker_connections 16000; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 75s;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=60s;
  open_file_cache_valid 1s;
  client_body_temp_path "${folder}/body";
  proxy_temp_path "${folder}/proxy";
  fastcgi_temp_path "${folder}/fastcgi";
  uwsgi_temp_path "${folder}/uwsgi";
  scgi_temp_path "${folder}/scgi";
  ${upstream}
  server { listen 127.0.0.1:${port} backlog=4096; ${locations[kind ?? ""]} }
}
`,
);
await runProgram(["nginx", "-p", folder, "-c", `${folder}/nginx.conf`], port);
await Deno.remove(folder, { recursive: true });
Deno.exit();
