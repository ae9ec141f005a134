import { z } from "zod";
import { duration } from "../../../services/plugin/zod.ts";

const path = z.string().min(1);

/** A backend that several runners share, as part of the plugin's options. */
export const backendOptions = z.strictObject({
  etcd: z.array(z.string().regex(/^https?:\/\/[^/?#@\s]+\/?$/, "must be a URL as in http://127.0.0.1:2379"))
    .min(1).describe("Client URLs of etcd's members; the next is tried when one does not answer"),
  prefix: z.string().regex(/^\/?[\w.-]+(\/[\w.-]+)*$/, 'must be names joined by "/"').default("heddle")
    .describe("Under which keys the fleet meets"),
  user: z.string().min(1).optional().describe("With password, where etcd asks for it"),
  password: z.string().min(1).optional().describe("Best as ${file:...}"),
  tls: z.strictObject({
    authorities: path.optional().describe("PEM file with the authorities to trust instead of the system's"),
    certificate: path.optional().describe("PEM file with our certificate, where etcd demands one"),
    privateKey: path.optional().describe("PEM file with its private key"),
  }).optional().describe("For https: URLs"),
  ttl: duration().prefault("15s").describe(
    "For how long what a runner has registered, or leads, outlives the runner; whole seconds, 2 at least",
  ),
}).describe("Share the registry with other runners");

/** What the backend is told. */
export type BackendOptions = z.output<typeof backendOptions>;

/** What the schema cannot say of a backend. */
export function checkBackend(options: BackendOptions): { path: string[]; message: string }[] {
  const problems: { path: string[]; message: string }[] = [];
  if (options.ttl < 2000 || options.ttl % 1000 !== 0) {
    problems.push({
      path: ["ttl"],
      message: "must be whole seconds, 2 at least: etcd knows no finer leases",
    });
  }
  if ((options.user === undefined) !== (options.password === undefined)) {
    problems.push({ path: ["user"], message: "and password go together: give both, or neither" });
  }
  if (options.user !== undefined && options.etcd.some(isCleartextAfar)) {
    problems.push({
      path: ["password"],
      message: "would be sent in clear: use https: URLs, or etcd on loopback",
    });
  }
  const { certificate, privateKey } = options.tls ?? {};
  if ((certificate === undefined) !== (privateKey === undefined)) {
    problems.push({ path: ["tls"], message: "needs certificate and privateKey together" });
  }
  return problems;
}

function isCleartextAfar(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}
