/** One of two hosts that share a network of their own. */
export interface Network {
  /** Its IPv4 address on that network. */
  readonly address: string;
  /** A command that runs there. */
  command(program: string, args: readonly string[], options?: Deno.CommandOptions): Deno.Command;
}

function ip(...args: string[]): void {
  const { success, stderr } = new Deno.Command("ip", { args }).outputSync();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

let can: boolean | null = null;

/** Whether network namespaces can be made here; says why tests are skipped where not. */
export function canMakeNetworks(): boolean {
  if (can !== null) return can;
  const name = `heddle-try-${Deno.pid}`;
  try {
    ip("netns", "add", name);
    ip("netns", "del", name);
    can = true;
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "install iproute2"
      : "run as root where that is allowed";
    console.warn(`Tests that need a network of their own are skipped: ${reason}`);
    can = false;
  }
  return can;
}

/** Two hosts, each a network namespace, joined by a cable. */
export class TwoHosts implements AsyncDisposable {
  readonly first: Network;
  readonly second: Network;
  readonly #names: readonly [string, string];

  private constructor(names: readonly [string, string], first: Network, second: Network) {
    this.#names = names;
    this.first = first;
    this.second = second;
  }

  static make(): Promise<TwoHosts> {
    const id = crypto.getRandomValues(new Uint16Array(1))[0]!.toString(16);
    const net = crypto.getRandomValues(new Uint8Array(1))[0]!;
    const names = [`heddle-a-${id}`, `heddle-b-${id}`] as const;
    const hosts = names.map((name, at) => {
      ip("netns", "add", name);
      return host(name, `10.77.${net}.${at + 1}`);
    });
    const cables = [`hda${id}`, `hdb${id}`] as const;
    ip("link", "add", cables[0], "type", "veth", "peer", "name", cables[1]);
    for (const at of [0, 1] as const) {
      const [name, cable] = [names[at], cables[at]];
      ip("link", "set", cable, "netns", name);
      // Its name must not be that of a bridge to containers.
      ip("-n", name, "link", "set", cable, "name", "eth0");
      ip("-n", name, "addr", "add", `${hosts[at]!.address}/24`, "dev", "eth0");
      ip("-n", name, "link", "set", "lo", "up");
      ip("-n", name, "link", "set", "eth0", "up");
      ip("-n", name, "route", "add", "224.0.0.0/4", "dev", "eth0");
    }
    return Promise.resolve(new TwoHosts(names, hosts[0]!, hosts[1]!));
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) ip("netns", "del", name);
    return Promise.resolve();
  }
}

function host(name: string, address: string): Network {
  return {
    address,
    command: (program, args, options = {}) =>
      new Deno.Command("ip", { ...options, args: ["netns", "exec", name, program, ...args] }),
  };
}
