import type { ClientEndpoint } from "../../services/endpoint/endpoint.ts";
import { formatEndpoint } from "../../services/endpoint/format.ts";
import { Protocol } from "../../services/protocol/protocol.ts";
import type { Reactor } from "../../services/reactor/reactor.ts";

/** Something that a running program is asked from outside. */
export type Probe =
  | { readonly port: ClientEndpoint }
  | { readonly http: string };

/** Until an attempt has failed, ms. */
const ATTEMPT = 5_000;

/** What a probe asks, for messages. */
export function describeProbe(probe: Probe): string {
  return "port" in probe ? formatEndpoint(probe.port) : probe.http;
}

/** Ask once. @throws {Error} when the answer is not as it should be, or none comes within 5 s */
export async function ask(probe: Probe, reactor: Reactor, signal: AbortSignal): Promise<void> {
  if ("port" in probe) {
    const { transport } = await reactor.connect(probe.port, () => new Protocol(), {
      timeout: ATTEMPT,
      signal,
    });
    transport.loseConnection();
    return;
  }
  const response = await fetch(probe.http, {
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT)]),
  });
  await response.body?.cancel();
  if (response.status >= 400) throw new Error(`${probe.http} answered ${response.status}`);
}
