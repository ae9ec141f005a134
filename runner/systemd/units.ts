import type { TcpEndpoint, UnixEndpoint } from "../../services/endpoint/endpoint.ts";

/** A socket that systemd can open for a service. */
export interface ActivatedSocket {
  /** By which the application file names it: `systemd:name=web-listen`. */
  readonly name: string;
  /** `services.web.options.listen`. */
  readonly at: string;
  readonly endpoint: TcpEndpoint | UnixEndpoint;
}

/** What the units are made of. */
export interface UnitsOptions {
  readonly application: string;
  /** Absolute. */
  readonly file: string;
  /** The command that runs Heddle, with Deno's flags: absolute, as words. */
  readonly command: readonly string[];
  readonly sockets: readonly ActivatedSocket[];
  /** Until all services have stopped, ms. */
  readonly stopTimeout: number;
}

/** A unit of systemd. */
export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** The units that run an application: the service, and one for each socket. */
export function systemdUnits(options: UnitsOptions): UnitFile[] {
  const sockets = options.sockets.map((socket) => socketUnit(socket, options));
  return [serviceUnit(options, sockets.map(({ name }) => name)), ...sockets];
}

function serviceUnit(options: UnitsOptions, sockets: readonly string[]): UnitFile {
  const { application, file, command, stopTimeout } = options;
  const folder = file.slice(0, file.lastIndexOf("/")) || "/";
  const run = words(command);
  return {
    name: `${application}.service`,
    text: section("Unit", {
      Description: `${application} (Heddle)`,
      Wants: "network-online.target",
      After: ["network-online.target", ...sockets].join(" "),
      Requires: sockets.join(" "),
    }) + section("Service", {
      Type: "notify",
      NotifyAccess: "main",
      ExecStart: `${run} serve ${word(file)}`,
      ExecReload: `${run} reload`,
      WorkingDirectory: word(folder),
      Environment: `HEDDLE_CONTROL=%t/heddle/${application}/control.sock`,
      RuntimeDirectory: `heddle/${application}`,
      RuntimeDirectoryMode: "0700",
      Restart: "on-failure",
      RestartPreventExitStatus: "64 66 73 78",
      WatchdogSec: "30s",
      TimeoutStartSec: "infinity",
      TimeoutStopSec: `${Math.ceil(stopTimeout / 1_000) + 5}s`,
      KillMode: "mixed",
      NoNewPrivileges: "yes",
    }) + section("Install", { WantedBy: "multi-user.target", Also: sockets.join(" ") }),
  };
}

function socketUnit({ name, at, endpoint }: ActivatedSocket, { application }: UnitsOptions): UnitFile {
  return {
    name: `${application}-${name}.socket`,
    text: section("Unit", { Description: `${at} of ${application} (Heddle)` }) +
      section("Socket", {
        ...listenLines(endpoint),
        FileDescriptorName: name,
        Service: `${application}.service`,
      }) + section("Install", { WantedBy: "sockets.target" }),
  };
}

function listenLines(endpoint: TcpEndpoint | UnixEndpoint): Record<string, string> {
  if (endpoint.kind === "unix") {
    return { ListenStream: endpoint.path, SocketMode: endpoint.mode.toString(8).padStart(4, "0") };
  }
  const { interface: host, port, backlog } = endpoint;
  return {
    ListenStream: `${host.includes(":") ? `[${host}]` : host}:${port}`,
    Backlog: String(backlog),
    NoDelay: "yes",
  };
}

function section(name: string, lines: Readonly<Record<string, string>>): string {
  const written = Object.entries(lines).filter(([, value]) => value !== "");
  return [`[${name}]`, ...written.map(([key, value]) => `${key}=${value}`), "", ""].join("\n");
}

function words(command: readonly string[]): string {
  return command.map(word).join(" ");
}

/** One word of a command line, as systemd.service(5) reads it: % and $ stand for themselves when doubled. */
function word(text: string): string {
  const doubled = text.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@%+=:,./$-]+$/.test(doubled) ? doubled : `"${doubled.replaceAll(/["\\]/g, "\\$&")}"`;
}
