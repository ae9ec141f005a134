/**
 * A chat room for people with `nc`: says who is there, passes on what they say. Run it with
 *
 *     deno run --allow-net examples/chat/server.ts [ENDPOINT]
 *
 * then in two terminals: `nc 127.0.0.1 7023`. ENDPOINT is where it listens, by default `tcp:127.0.0.1:7023`.
 */
import { DenoReactor, type Factory, formatAddress, TextLineReceiver } from "@heddle/heddle";

/** Who is in the room, by name: what all conversations share. */
class Room implements Factory<Visitor> {
  readonly #members = new Map<string, Visitor>();

  buildProtocol(): Visitor {
    return new Visitor(this);
  }

  /** False: there is somebody of that name. */
  enter(name: string, visitor: Visitor): boolean {
    if (this.#members.has(name)) return false;
    this.#members.set(name, visitor);
    this.tell(`${name} is here`, name);
    return true;
  }

  leave(name: string): void {
    this.#members.delete(name);
    this.tell(`${name} has left`);
  }

  tell(text: string, but?: string): void {
    for (const [name, member] of this.#members) if (name !== but) member.sendLine(text);
  }
}

class Visitor extends TextLineReceiver {
  override maxLength = 400;
  readonly #room: Room;
  #name: string | null = null;

  constructor(room: Room) {
    super();
    this.#room = room;
  }

  override connectionMade(): void {
    this.sendLine("What is your name?");
  }

  override textReceived(line: string): void {
    if (this.#name === null) this.#introduce(line.trim());
    else this.#room.tell(`<${this.#name}> ${line}`, this.#name);
  }

  override connectionLost(): void {
    if (this.#name !== null) this.#room.leave(this.#name);
  }

  #introduce(name: string): void {
    if (!/^\w{1,20}$/.test(name)) return this.sendLine("A name is one word, of letters. What is yours?");
    if (!this.#room.enter(name, this)) return this.sendLine("That name is taken. What is yours?");
    this.#name = name;
    this.sendLine(`Welcome, ${name}`);
  }
}

const reactor = new DenoReactor({ log: console });
const port = await reactor.listen(Deno.args[0] ?? "tcp:127.0.0.1:7023", new Room());
console.log(`Listening on ${formatAddress(port.host)}`);
await reactor.run();
