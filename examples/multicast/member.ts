/**
 * Meets whoever else is in a multicast group: greets the group, and answers the greetings of others. Run it
 * in two terminals with
 *
 *     deno run --allow-net examples/multicast/member.ts NAME [INTERFACE]
 *
 * INTERFACE is the address of the network interface to use, by default that of loopback: members are then on
 * this machine.
 */
import { DatagramProtocol, type DatagramTransport, DenoReactor } from "@heddle/heddle";

const [name = "nobody", address = "127.0.0.1"] = Deno.args;
const group = { hostname: "239.255.70.7", port: 7070 }; // of the block for private use (RFC 2365, section 6.1)

class Member extends DatagramProtocol {
  #sender: DatagramTransport | null = null;

  /** Speak from now on, through `sender`. */
  greet(sender: DatagramTransport): void {
    this.#sender = sender;
    this.#say("hello");
  }

  override datagramReceived(data: Uint8Array): void {
    const text = new TextDecoder().decode(data);
    if (text.endsWith(` ${name}`)) return; // we hear ourselves, too
    console.log(text);
    if (text.startsWith("hello ")) this.#say("welcome from");
  }

  #say(word: string): void {
    this.#sender?.write(new TextEncoder().encode(`${word} ${name}`), group);
  }
}

const reactor = new DenoReactor({ log: console });
const member = new Member();
const port = await reactor.listenDatagram(`udp:${group.port}:reuseAddress=true`, member);
await port.joinGroup(group.hostname, address);
// A socket that is bound to an interface sends there what it sends to a group.
member.greet(await reactor.listenDatagram(`udp:${address}:0:loopback=true`, new DatagramProtocol()));
console.log(`${name} is in the group`);
await reactor.run();
