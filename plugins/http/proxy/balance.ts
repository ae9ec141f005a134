/** As much of an upstream as a choice needs. */
export interface Candidate {
  /** Requests under way. */
  readonly inFlight: number;
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

function roundRobin(): Balancer {
  let turn = 0;
  return (candidates) => candidates[turn++ % candidates.length]!;
}

/** The first of equals would get all while there is little to do: where the search begins goes round. */
function leastConnections(): Balancer {
  let turn = 0;
  return (candidates) => {
    const first = turn++;
    let best = candidates[first % candidates.length]!;
    for (let at = 1; at < candidates.length; at++) {
      const candidate = candidates[(first + at) % candidates.length]!;
      if (candidate.inFlight < best.inFlight) best = candidate;
    }
    return best;
  };
}

/** Nearly as even as the least busy of all, and no herd runs after what several proxies take for that. */
function randomTwo(random: () => number): Balancer {
  return (candidates) => {
    const one = Math.floor(random() * candidates.length);
    if (candidates.length === 1) return candidates[one]!;
    const other = (one + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
    const [first, second] = [candidates[one]!, candidates[other]!];
    return second.inFlight < first.inFlight ? second : first;
  };
}
