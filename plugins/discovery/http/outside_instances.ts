import { HttpError } from "../../../services/http/http_error.ts";
import {
  type Registration,
  type RegistrationOptions,
  type Registry,
  RegistryConflict,
  type RegistryInstance,
} from "../../../services/registry/registry.ts";
import type { ReactorTime } from "../../../services/async/time.ts";

/** Instances that programs outside may have registered at once. */
const MOST = 10_000;
/** For the backend to take a registration, ms. */
const PATIENCE = 5_000;

/** What programs outside have registered through the API: nothing else can be changed by it. */
export class OutsideInstances {
  readonly #registry: Registry;
  readonly #time: ReactorTime;
  readonly #registrations = new Map<string, Registration>();
  /** Ids whose first registration is under way. */
  readonly #coming = new Set<string>();

  constructor(registry: Registry, time: ReactorTime) {
    this.#registry = registry;
    this.#time = time;
  }

  /**
   * Register `wanted`, or change what is registered under its id, which begins its lease anew.
   * @throws {HttpError} saying what is wrong with it
   */
  async put(
    wanted: RegistrationOptions & { readonly id: string },
    ifModified: number | null,
  ): Promise<{ readonly instance: RegistryInstance; readonly isNew: boolean }> {
    const known = this.#registrations.get(wanted.id);
    if (known !== undefined && known.instance.service === wanted.service) {
      await this.#change(known, wanted, ifModified);
      return { instance: known.instance, isNew: false };
    }
    if (ifModified !== null) throw new HttpError(412, `There is no instance "${wanted.id}" to change`);
    if (known !== undefined) await known.deregister();
    return { instance: await this.#register(wanted), isNew: true };
  }

  /** @throws {HttpError} 404 */
  renew(id: string): void {
    this.#get(id).renew();
  }

  /** @throws {HttpError} 404 */
  async delete(id: string): Promise<void> {
    await this.#get(id).deregister();
  }

  async #change(known: Registration, wanted: RegistrationOptions, ifModified: number | null): Promise<void> {
    try {
      known.renew();
      const { endpoint, tags = [], metadata = {}, state = "ready", weight = 1 } = wanted;
      const change = known.update(
        { endpoint, tags, metadata, state, weight },
        ifModified === null ? {} : { ifModified },
      );
      await this.#inTime(change);
    } catch (error) {
      throw refusal(error);
    }
  }

  async #register(wanted: RegistrationOptions & { readonly id: string }): Promise<RegistryInstance> {
    const { id } = wanted;
    if (this.#coming.has(id)) throw new HttpError(409, `Instance "${id}" is being registered already`);
    if (this.#registrations.size + this.#coming.size >= MOST) {
      throw new HttpError(503, `There are ${MOST} instances from outside: no more are taken`);
    }
    const giveUp = new AbortController();
    const call = this.#time.callLater(PATIENCE, () => giveUp.abort(new Away()));
    this.#coming.add(id);
    try {
      const registration = await this.#registry.register({ ...wanted, signal: giveUp.signal });
      this.#registrations.set(id, registration);
      registration.ended.addEventListener("abort", () => this.#forget(id, registration), { once: true });
      return registration.instance;
    } catch (error) {
      throw refusal(error);
    } finally {
      this.#coming.delete(id);
      call.cancel();
    }
  }

  async #inTime(change: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<never>();
    const call = this.#time.callLater(PATIENCE, () => late.reject(new Away()));
    change.catch(() => {});
    try {
      await Promise.race([change, late.promise]);
    } finally {
      call.cancel();
    }
  }

  #forget(id: string, registration: Registration): void {
    if (this.#registrations.get(id) === registration) this.#registrations.delete(id);
  }

  #get(id: string): Registration {
    const known = this.#registrations.get(id);
    if (known !== undefined) return known;
    throw new HttpError(404, `No instance "${id}" was registered here, or its lease ran out: PUT it`);
  }
}

/** The backend did not take it in time. */
class Away extends Error {}

function refusal(error: unknown): unknown {
  if (error instanceof Away) return new HttpError(503, "The backend cannot be reached: try again later");
  if (error instanceof RegistryConflict) return new HttpError(412, error.message);
  if (!(error instanceof RangeError)) return error;
  return new HttpError(error.message.endsWith("is another's") ? 409 : 400, error.message);
}
