import type { ReactorTime } from "../../../services/async/time.ts";
import type { ServerSentEvent } from "../../../services/http/mod.ts";
import type { Change, Inbox } from "./inbox.ts";
import type { RowView } from "./row.ts";

/** Rows that are told one by one; when more have come, the page shall look for itself. */
const MOST_TOLD = 50;
/** Milliseconds between two events: what happens meanwhile is told at once. */
const INTERVAL = 200;
/** Milliseconds between two looks at what others have done to the mailboxes. */
const REFRESH = 5_000;
/** A look that takes long is followed by a pause so many times as long. */
const IDLE_SHARE = 20;

interface Pending {
  readonly added: readonly RowView[];
  readonly removed: readonly string[];
  /** More than can be told. */
  readonly overflow: boolean;
}

/** The changes of an inbox as events, until `signal` is aborted. While somebody listens, the inbox is refreshed. */
export async function* changeStream(
  inbox: Inbox,
  time: ReactorTime,
  signal: AbortSignal,
): AsyncGenerator<ServerSentEvent> {
  let pending = nothingPending();
  const unsubscribe = inbox.subscribe((change) => pending = withChange(pending, change));
  let told = "";
  let refreshAt = time.now() + REFRESH;
  try {
    while (!signal.aborted) {
      const { added, removed, overflow } = pending;
      pending = nothingPending();
      const { progress } = inbox;
      if (overflow) yield event("reload", { progress });
      else if (added.length + removed.length > 0) yield event("change", { added, removed, progress });
      else if (told !== JSON.stringify(progress)) yield event("progress", { progress });
      told = JSON.stringify(progress);
      await new Promise<void>((resolve) => time.callLater(INTERVAL, resolve));
      if (time.now() >= refreshAt) {
        const begun = time.now();
        await inbox.refresh();
        refreshAt = time.now() + Math.max(REFRESH, IDLE_SHARE * (time.now() - begun));
      }
    }
  } finally {
    unsubscribe();
  }
}

function nothingPending(): Pending {
  return { added: [], removed: [], overflow: false };
}

function withChange({ added, removed, overflow }: Pending, change: Change): Pending {
  const count = added.length + removed.length + change.added.length + change.removed.length;
  if (overflow || count > MOST_TOLD) return { added: [], removed: [], overflow: true };
  return { added: [...added, ...change.added], removed: [...removed, ...change.removed], overflow: false };
}

function event(name: string, data: unknown): ServerSentEvent {
  return { event: name, data: JSON.stringify(data) };
}
