import type { Leadership } from "../../services/registry/registry.ts";

/** A singleton that would run here. */
export interface Candidate {
  /** The unit's absolute path: what is elected for. */
  readonly path: string;
  /** Paths of the units that it needs: one of them provides the registry. */
  readonly needs: readonly string[];
  /** Milliseconds that it takes to stop: so much before its time is over it is told to. */
  readonly stopTimeout: number;
  /** It is to run here, by `leadership`. Once, and not within `stand`. */
  won(leadership: Leadership): void;
  /** It is to stop. Once, after `won`. */
  lost(reason: string): void;
}

/** A candidate that stands; it is told nothing more once it has left. */
export interface Candidacy {
  /** Let others run it: at once, or where it may not have stopped, when its time has run out. */
  leave(hasStopped: boolean): void;
}

/** Where a fleet agrees on who runs a singleton. */
export interface Elections {
  /** Stand until elected, whatever goes wrong. */
  stand(candidate: Candidate): Candidacy;
}

let tokens = 0;

/** Without a fleet everybody is elected who stands. */
export const unopposed: Elections = {
  stand(candidate) {
    let hasLeft = false;
    const lost = new AbortController();
    const leadership: Leadership = {
      fencingToken: ++tokens,
      lost: lost.signal,
      resign: () => Promise.resolve(),
      abandon: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    queueMicrotask(() => !hasLeft && candidate.won(leadership));
    return { leave: () => void (hasLeft = true) };
  },
};
