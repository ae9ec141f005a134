import {
  canonicalDomain,
  formatMailbox,
  type Mailbox,
  parseMailbox,
} from "../../../services/mail/address.ts";
import { didYouMean } from "../../../services/text/closest.ts";
import { quote } from "../../../services/text/quote.ts";
import * as replies from "../reply/replies.ts";
import type { Reply } from "../reply/reply.ts";
import type { Destination } from "../session/envelope.ts";

/** Whose mail is taken. */
export interface DirectoryOptions {
  /** Ours; `*` for every domain. */
  readonly domains: readonly string[];
  /** Names of users: `alice`, in every domain of ours, or `alice@example.org`. */
  readonly users: readonly string[];
  /** Further names, each with the users, the aliases and the addresses elsewhere that get its mail. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** The user, alias or further mailbox for all names of our domains that nobody has; null: they are refused. */
  readonly catchAll: string | null;
  /** What begins the part of a name that is only for the user to sort by: `alice+shop`. Null: nothing does. */
  readonly delimiter: string | null;
  /** Whether mail can be sent on to addresses elsewhere. */
  readonly forwards: boolean;
}

/** Something that does not fit together, and where. */
export interface DirectoryProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Every address that this server must accept leads here when nobody has it (RFC 5321, section 4.5.1). */
const POSTMASTER = "postmaster";

/** Knows where mail for an address goes. */
export class Directory {
  readonly #domains: ReadonlySet<string>;
  readonly #delimiter: string | null;
  /** The mailboxes behind each name, of a user or alias, with a domain or without. */
  readonly #names = new Map<string, Destination>();
  readonly #catchAll: Destination | null;
  readonly #postmaster: Destination;

  /** Of options in which {@linkcode checkDirectory} finds no problem. */
  constructor(options: DirectoryOptions) {
    this.#domains = new Set(options.domains.map(canonicalDomain));
    this.#delimiter = options.delimiter;
    for (const [name, destination] of flatten(options).destinations) this.#names.set(name, destination);
    this.#catchAll = options.catchAll === null
      ? null
      : this.#names.get(canonicalName(options.catchAll)) ?? { mailboxes: [options.catchAll] };
    this.#postmaster = this.#catchAll ?? { mailboxes: [POSTMASTER] };
  }

  /** The mailboxes that mail can lead to. */
  get mailboxes(): ReadonlySet<string> {
    return new Set([...this.#names.values(), this.#postmaster].flatMap(({ mailboxes }) => mailboxes));
  }

  /** Where mail for `address` goes, or why it is not taken. */
  find({ local, domain }: Mailbox): Destination | Reply {
    const home = canonicalDomain(domain);
    if (!this.isOurs(domain)) return replies.noRelay;
    const name = local.toLowerCase();
    const found = this.#lookUp(name, home) ?? this.#withoutDetail(name, home);
    if (found !== undefined) return found;
    if (name === POSTMASTER) return this.#postmaster;
    return this.#catchAll ?? replies.noSuchUser;
  }

  /** Whether a domain is one of ours. */
  isOurs(domain: string): boolean {
    return domain === "" || this.#domains.has("*") || this.#domains.has(canonicalDomain(domain));
  }

  #lookUp(name: string, home: string): Destination | undefined {
    const found = this.#names.get(`${name}@${home}`);
    // What is quoted may have an @, and is no name of another domain for that.
    return found === undefined && !name.includes("@") ? this.#names.get(name) : found;
  }

  #withoutDetail(name: string, home: string): Destination | undefined {
    const end = this.#delimiter === null ? -1 : name.indexOf(this.#delimiter);
    return end > 0 ? this.#lookUp(name.slice(0, end), home) : undefined;
  }
}

/** Whether the directory found where the mail goes. */
export function isDestination(found: Destination | Reply): found is Destination {
  return "mailboxes" in found;
}

/** What does not fit together in the options of a {@linkcode Directory}. */
export function checkDirectory(options: DirectoryOptions): DirectoryProblem[] {
  return flatten(options).problems;
}

function flatten(options: DirectoryOptions) {
  const destinations = new Map<string, Destination>();
  const problems: DirectoryProblem[] = [];
  const ours = new Set(options.domains.map(canonicalDomain));
  for (const user of options.users) {
    destinations.set(canonicalName(user), { mailboxes: [user.toLowerCase()] });
  }
  if (options.catchAll !== null && elsewhereOf(options.catchAll, ours) !== null) {
    problems.push({
      path: ["catchAll"],
      message: `is a mailbox here, and no address elsewhere: name an alias that leads to ${
        quote(options.catchAll)
      }`,
    });
  }
  const aliases = new Map(
    Object.entries(options.aliases).map(([name, targets]) => [canonicalName(name), { name, targets }]),
  );

  const resolve = (key: string, above: readonly string[]): Destination => {
    const { name, targets } = aliases.get(key)!;
    const mailboxes = new Set<string>();
    const forward = new Set<string>();
    for (const [at, target] of targets.entries()) {
      const complain = (message: string) => problems.push({ path: ["aliases", name, at], message });
      const wanted = canonicalName(target);
      const elsewhere = elsewhereOf(target, ours);
      if (above.includes(wanted)) {
        complain(`alias ${quote(name)} leads back to itself through ${quote(target)}`);
      } else if (aliases.has(wanted) || destinations.has(wanted)) {
        const behind = destinations.get(wanted) ?? resolve(wanted, [...above, wanted]);
        for (const mailbox of behind.mailboxes) mailboxes.add(mailbox);
        for (const address of behind.forward ?? []) forward.add(address);
      } else if (elsewhere === null) {
        const known = [...options.users, ...Object.keys(options.aliases)];
        complain(`no user or alias is named ${quote(target)}${didYouMean(target, known)}`);
      } else if (options.forwards) {
        forward.add(elsewhere);
      } else {
        complain(`cannot send mail on to ${quote(target)} without relay`);
      }
    }
    const all = { mailboxes: [...mailboxes], ...(forward.size > 0 && { forward: [...forward] }) };
    destinations.set(key, all);
    return all;
  };

  for (const [key, { name }] of aliases) {
    if (elsewhereOf(name, ours) !== null) {
      problems.push({
        path: ["aliases", name],
        message: "never gets any mail: its domain is none of domains",
      });
    }
    const user = options.users.find((user) => canonicalName(user) === key);
    if (user !== undefined) {
      problems.push({ path: ["aliases", name], message: `there is a user of the name ${quote(user)}, too` });
    } else if (!destinations.has(key)) {
      resolve(key, [key]);
    }
  }
  return { destinations, problems };
}

/** An address that is not ours; null for what is none, or ours. */
function elsewhereOf(target: string, ours: ReadonlySet<string>): string | null {
  const mailbox = parseMailbox(target);
  if (mailbox === null || ours.has("*") || ours.has(canonicalDomain(mailbox.domain))) return null;
  return formatMailbox(mailbox);
}

/** The form of `alice` or `alice@example.org` that is equal for equal names. */
function canonicalName(name: string): string {
  const mailbox = parseMailbox(name);
  if (mailbox === null) return name.toLowerCase();
  return `${mailbox.local.toLowerCase()}@${canonicalDomain(mailbox.domain)}`;
}
