/** As much of an upstream as a choice needs. */
export interface Candidate {
  /** Requests under way. */
  readonly inFlight: number;
  /** Its share of the requests; more than 0. */
  readonly weight: number;
}

/** Chooses among upstreams, of which there is one at least. */
export type Balancer = <U extends Candidate>(candidates: readonly U[]) => U;

/** The names of the ways to choose. */
export type Balance = "round-robin" | "least-connections" | "random-two";

/** A balancer with a state of its own. `random` is as `Math.random`. */
export function balancer(balance: Balance, random: () => number): Balancer {
  switch (balance) {
    case "round-robin":
      return roundRobin();
    case "least-connections":
      return leastConnections();
    case "random-two":
      return randomTwo(random);
  }
}

/**
 * Turns by weight, as smooth as they can be: a candidate of weight 3 beside two of weight 1 gets every other turn or
 * so, and not three in a row. Each earns its weight with every turn, the richest is next and pays for all.
 */
function roundRobin(): Balancer {
  const savings = new WeakMap<Candidate, number>();
  return (candidates) => {
    let [richest] = candidates;
    let most = -Infinity;
    let paid = 0;
    for (const candidate of candidates) {
      const saved = (savings.get(candidate) ?? 0) + candidate.weight;
      savings.set(candidate, saved);
      paid += candidate.weight;
      if (saved > most) [richest, most] = [candidate, saved];
    }
    savings.set(richest!, most - paid);
    return richest!;
  };
}

/** The first of equals would get all while there is little to do: they take turns. */
function leastConnections(): Balancer {
  const takeTurns = roundRobin();
  return (candidates) => {
    const least = Math.min(...candidates.map(load));
    return takeTurns(candidates.filter((candidate) => load(candidate) === least));
  };
}

/** Nearly as even as the least busy of all, and no herd runs after what several proxies take for that. */
function randomTwo(random: () => number): Balancer {
  return (candidates) => {
    const one = draw(candidates, random());
    if (candidates.length === 1) return one;
    const other = draw(candidates.filter((candidate) => candidate !== one), random());
    return load(other) < load(one) ? other : one;
  };
}

function load({ inFlight, weight }: Candidate): number {
  return inFlight / weight;
}

/** The one at `chance`, from 0 to below 1: each in proportion to its weight. */
function draw<U extends Candidate>(candidates: readonly U[], chance: number): U {
  let rest = chance * candidates.reduce((sum, { weight }) => sum + weight, 0);
  return candidates.find(({ weight }) => (rest -= weight) < 0) ?? candidates.at(-1)!;
}
