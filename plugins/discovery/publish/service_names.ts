import { isServiceName } from "../../../services/registry/read_registration.ts";

/** A name that was given to somebody else before. */
export interface NameClash {
  /** What both would be called. */
  readonly wanted: string;
  /** Who is called that. */
  readonly holder: string;
}

/**
 * By which name each service of the application is published. Names last as long as the application runs: who has
 * one keeps it, whatever comes later.
 */
export class ServiceNames {
  readonly #byPath = new Map<string, string>();
  readonly #holders = new Map<string, string>();
  readonly #onClash: (path: string, name: string, clash: NameClash) => void;

  /** `onClash` is told of each service that could not have the name of its own: once. */
  constructor(onClash: (path: string, name: string, clash: NameClash) => void) {
    this.#onClash = onClash;
  }

  /**
   * The name of the service at `path`: `chosen`, which several may share on purpose, or else the last part of the
   * path; where another service has that, the whole path.
   */
  nameOf(path: string, chosen: string | undefined): string {
    if (chosen !== undefined) return chosen;
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const wanted = labelOf(path.slice(path.lastIndexOf(".") + 1));
    const holder = this.#holders.get(wanted);
    const name = holder === undefined ? wanted : labelOf(path);
    this.#byPath.set(path, name);
    if (holder === undefined) this.#holders.set(wanted, path);
    else this.#onClash(path, name, { wanted, holder });
    return name;
  }
}

/** The closest DNS label. */
function labelOf(text: string): string {
  const label = text.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 63).replace(/^-+|-+$/g, "");
  return isServiceName(label) ? label : "service";
}
