import type { Candidacy, Candidate, Elections } from "../../../runner/supervisor/elections.ts";
import type { Leadership } from "../../../services/registry/registry.ts";

/** Elections whose outcome a test decides. */
export class FakeElections implements Elections {
  /** Who stands, or has been elected, by path. */
  readonly standing = new Map<string, Candidate>();
  /** `stand x`, `leave x`, `abandon x`, in order. */
  readonly trace: string[] = [];
  #tokens = 0;

  stand(candidate: Candidate): Candidacy {
    const { path } = candidate;
    this.trace.push(`stand ${path}`);
    this.standing.set(path, candidate);
    return {
      leave: (hasStopped) => {
        this.trace.push(`${hasStopped ? "leave" : "abandon"} ${path}`);
        if (this.standing.get(path) === candidate) this.standing.delete(path);
      },
    };
  }

  /** The service at `path` is to run here. */
  elect(path: string): Leadership {
    const leadership: Leadership = {
      fencingToken: ++this.#tokens,
      lost: new AbortController().signal,
      resign: () => Promise.resolve(),
      abandon: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    this.standing.get(path)!.won(leadership);
    return leadership;
  }

  /** It is to stop. */
  depose(path: string): void {
    this.standing.get(path)!.lost("somebody else");
  }
}
