/**
 * Where a client service stands.
 *
 * - `init`: it was never started.
 * - `connecting`: an attempt is under way: connecting, then preparing the connection.
 * - `waiting`: the next attempt has its time.
 * - `connected`: there is a connection, and it is prepared.
 * - `disconnecting`: it was stopped, and the attempt or connection is not over yet.
 * - `restarting`: likewise, and it was started again meanwhile.
 * - `stopped`: it was stopped; a start begins anew.
 */
export type ClientState =
  | "init"
  | "connecting"
  | "waiting"
  | "connected"
  | "disconnecting"
  | "restarting"
  | "stopped";

/** What happens to a client service: what it is told, and how its attempt or connection fares. */
export type ClientEvent = "start" | "stop" | "retry" | "connected" | "failed" | "lost";

type Transitions = Readonly<Record<ClientState, Readonly<Partial<Record<ClientEvent, ClientState>>>>>;

/** What is not here changes nothing. */
const TRANSITIONS: Transitions = {
  init: { start: "connecting", stop: "stopped" },
  connecting: { connected: "connected", failed: "waiting", stop: "disconnecting" },
  waiting: { retry: "connecting", stop: "stopped" },
  connected: { lost: "waiting", stop: "disconnecting" },
  disconnecting: { failed: "stopped", lost: "stopped", start: "restarting" },
  restarting: { failed: "connecting", lost: "connecting", stop: "disconnecting" },
  stopped: { start: "connecting" },
};

/** The state that follows, or null when `event` changes nothing in `state`. */
export function nextClientState(state: ClientState, event: ClientEvent): ClientState | null {
  return TRANSITIONS[state][event] ?? null;
}
