import type { DelayedCall, ReactorTime } from "../../async/time.ts";
import type { ServeTls } from "../../endpoint/endpoint.ts";
import { certificateVersion } from "./_certificate_version.ts";

/** How often the files are looked at, ms. */
const INTERVAL = 2_000;

/**
 * Notices that certificate files have changed. It asks for their state and is not told of events: renewals
 * replace files, links to them or folders around them, and every one of these looks the same to `stat`.
 */
export class CertificateWatch {
  readonly #tls: ServeTls;
  readonly #time: ReactorTime;
  readonly #changed: () => Promise<void>;
  #call: DelayedCall | null = null;
  #stopped = false;
  /** What `changed` was last called for, or what was there at first. */
  #known: string;
  /** At the last look. */
  #seen: string;

  /**
   * Call `changed`, which must not reject, whenever the files are no longer what they were at `version` and then
   * stay as they are for one look: until then the other half of a renewal may still be on its way.
   */
  constructor(tls: ServeTls, version: string, time: ReactorTime, changed: () => Promise<void>) {
    this.#tls = tls;
    this.#known = this.#seen = version;
    this.#time = time;
    this.#changed = changed;
    this.#arrange();
  }

  /** Look no more. Repeatable. */
  stop(): void {
    this.#stopped = true;
    this.#call?.cancel();
    this.#call = null;
  }

  #arrange(): void {
    if (!this.#stopped) this.#call = this.#time.callLater(INTERVAL, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#call = null;
    const version = await certificateVersion(this.#tls);
    if (this.#stopped) return;
    const settled = version === this.#seen;
    this.#seen = version;
    if (settled && version !== this.#known) {
      this.#known = version;
      await this.#changed();
    }
    this.#arrange();
  }
}
