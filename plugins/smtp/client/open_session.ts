import type { ClientEndpoint, ConnectTls } from "../../../services/endpoint/endpoint.ts";
import type { Reactor } from "../../../services/reactor/reactor.ts";
import { ClientSession, type Login, SessionRefused, TlsFailed } from "./client_session.ts";
import { Conversation } from "./conversation.ts";

/** How sessions are to be encrypted: if the server can, or else not at all; or always, and by a server that is known. */
export type TlsPolicy = "opportunistic" | "required";

/** How sessions are opened. */
export interface SessionSettings {
  /** Ours, for EHLO. */
  readonly hostname: string;
  readonly tls: TlsPolicy;
  /** PEM file with the authorities to trust instead of the system's; for `required`. */
  readonly authorities?: string;
  /** Who we are; never sent in the clear. */
  readonly login?: Login;
  /** Milliseconds for the connection. */
  readonly connectTimeout: number;
}

/**
 * Connect to a server, and get ready to deliver.
 * @param serverName whose certificate is to be seen
 * @throws {SessionRefused} when the server does not want us
 * @throws {Error} when it cannot be reached, or not in the way that is required
 */
export async function openSession(
  reactor: Reactor,
  endpoint: ClientEndpoint,
  serverName: string,
  settings: SessionSettings,
): Promise<ClientSession> {
  try {
    return await open(reactor, endpoint, serverName, settings, true);
  } catch (error) {
    // The connection is lost with the handshake; in the clear is what opportunistic allows.
    if (!(error instanceof TlsFailed) || settings.tls === "required") throw error;
    return await open(reactor, endpoint, serverName, settings, false);
  }
}

async function open(
  reactor: Reactor,
  endpoint: ClientEndpoint,
  serverName: string,
  { hostname, tls, authorities, login, connectTimeout }: SessionSettings,
  encrypt: boolean,
): Promise<ClientSession> {
  const conversation = await reactor.connect(endpoint, () => new Conversation(reactor), {
    timeout: connectTimeout,
  });
  const session = new ClientSession(conversation, hostname);
  try {
    await session.begin();
    let secure = endpoint.kind === "tls";
    if (!secure && encrypt && session.offers("STARTTLS")) {
      await session.secure(tlsFor(tls, serverName, authorities));
      secure = true;
    }
    if (!secure && tls === "required") {
      throw new SessionRefused("it offers no STARTTLS, which is required", null);
    }
    if (login !== undefined) {
      if (!secure) throw new SessionRefused("a password is not sent without TLS", null);
      await session.logIn(login);
    }
    return session;
  } catch (error) {
    await session.quit();
    conversation.transport.abortConnection("The session is of no use");
    throw error;
  }
}

function tlsFor(policy: TlsPolicy, serverName: string, authorities: string | undefined): ConnectTls {
  if (policy === "opportunistic") return { serverName, unverified: true };
  return { serverName, ...(authorities !== undefined && { authorities }) };
}
