import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import type { ApplicationControl } from "../../../services/control/application_control.ts";
import type { SupervisorEvent } from "../../../services/supervision/events.ts";
import type { UnitStatus } from "../../../services/supervision/status.ts";
import {
  type Counts,
  type Figures,
  figuresOf,
  programCounts,
  runnerCounts,
  serviceCounts,
  sumOf,
} from "./figures.ts";
import { History, type HistoryView } from "./history.ts";
import { type RowSurroundings, type UnitRow, unitRow } from "./unit_row.ts";

/** What a board stands on. */
export interface BoardOptions {
  readonly control: ApplicationControl;
  readonly time: ReactorTime;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** A service's figures as they are sent: its id, connections, traffic, cpu, memory. */
export type FigureRow = readonly [number, number | null, number | null, number | null, number | null];

/** All that there is to show. */
export interface BoardSnapshot {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly units: readonly UnitRow[];
  readonly figures: readonly FigureRow[];
  /** Of the application as a whole. */
  readonly total: HistoryView;
  readonly traffic: readonly (readonly [id: number, values: readonly (number | null)[]])[];
}

/** What has changed. */
export interface BoardUpdate {
  readonly now: number;
  readonly units: readonly UnitRow[];
  readonly figures: readonly FigureRow[];
  /** The application's figures, where a moment has passed. */
  readonly total?: Figures;
}

/** How far somebody has been told. */
export interface Cursor {
  /** Rises when units come, go or change places. */
  readonly layout: number;
  readonly revision: number;
}

interface Entry {
  row: UnitRow;
  /** The row as text: whether it has changed. */
  text: string;
  rowRevision: number;
  counts: Counts | null;
  figures: Figures | null;
  figuresRevision: number;
}

/** Milliseconds between two looks while somebody watches. */
const WATCHED = 2_000;
/** And while nobody does: so that there is something to see for who comes. */
const UNWATCHED = 10_000;
/** Of the application as a whole, in the history. */
const TOTAL = 0;

/**
 * What the dashboard shows. Every change has a revision; who watches remembers the last one that he was told, and
 * asks for what came later. So nothing waits in a queue for a slow browser: it is told of the latest state alone.
 */
export class Board implements Disposable {
  readonly #options: BoardOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #history = new History();
  readonly #watchers = new Set<() => void>();
  readonly #surroundings: RowSurroundings;
  readonly #unsubscribe: () => void;
  #next: DelayedCall | null = null;
  #lookedAt = 0;
  #order: readonly UnitStatus[] = [];
  #nextId = TOTAL + 1;
  #layout = 0;
  #revision = 0;
  #runner: Counts | null = null;
  #total: Figures = sumOf([]);
  #totalRevision = 0;

  constructor(options: BoardOptions) {
    this.#options = options;
    const epoch = options.wallClock() - options.control.now();
    this.#surroundings = {
      epochOf: (time) => epoch + time,
      isUnit: (path) => options.control.statusOf(path) !== undefined,
    };
    this.#unsubscribe = options.control.subscribe((event) => this.#happened(event));
    this.#look();
  }

  /** Where somebody is who has been told everything. */
  get cursor(): Cursor {
    return { layout: this.#layout, revision: this.#revision };
  }

  /** Call `wake` whenever there is something new, until the returned function is called. */
  watch(wake: () => void): () => void {
    const isFirst = this.#watchers.size === 0;
    this.#watchers.add(wake);
    if (isFirst) this.#lookSooner();
    return () => void this.#watchers.delete(wake);
  }

  /** All that there is to show. */
  snapshot(): BoardSnapshot {
    const entries = this.#order.map(({ path }) => this.#entries.get(path)!);
    return {
      name: this.#options.control.name,
      now: this.#options.wallClock(),
      units: entries.map(({ row }) => row),
      figures: entries.flatMap(figureRow),
      total: this.#history.of(TOTAL),
      traffic: this.#history.recentTraffic().filter(([id]) => id !== TOTAL),
    };
  }

  /** What has changed since then; null when a snapshot is needed. */
  since({ layout, revision }: Cursor): BoardUpdate | null {
    if (layout !== this.#layout) return null;
    const entries = [...this.#entries.values()];
    return {
      now: this.#options.wallClock(),
      units: entries.filter(({ rowRevision }) => rowRevision > revision).map(({ row }) => row),
      figures: entries.filter(({ figuresRevision }) => figuresRevision > revision).flatMap(figureRow),
      ...(this.#totalRevision > revision && { total: this.#total }),
    };
  }

  /** What the unit at `path` used in the last minutes; null when there is none. */
  history(path: string): HistoryView | null {
    const entry = this.#entries.get(path);
    return entry === undefined ? null : this.#history.of(entry.row.id);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#next?.cancel();
    this.#watchers.clear();
  }

  #happened(event: SupervisorEvent): void {
    if (event.kind === "reloaded") return this.#arrange(this.#options.control.status());
    if (event.kind !== "state") return;
    const unit = this.#options.control.statusOf(event.path);
    if (unit === undefined || !this.#entries.has(event.path)) {
      return this.#arrange(this.#options.control.status());
    }
    this.#revision++;
    this.#place(unit);
    this.#wake();
  }

  /** Look at everything, now and again after a while. */
  #look(): void {
    const { control, time, wallClock } = this.#options;
    this.#lookedAt = time.now();
    this.#lookIn(this.#watchers.size > 0 ? WATCHED : UNWATCHED);
    const units = control.status();
    const families = control.metrics();
    this.#arrange(units);
    const at = this.#lookedAt;
    const programs = programCounts(families);
    const moment = new Map<number, Figures>();
    this.#revision++;
    for (const unit of units) {
      if (unit.kind === "group") continue;
      const entry = this.#entries.get(unit.path)!;
      const figures = this.#count(entry, serviceCounts(unit, programs, at));
      moment.set(entry.row.id, figures);
    }
    const runner = runnerCounts(families, at);
    this.#total = sumOf([figuresOf(this.#runner, runner), ...moment.values()]);
    this.#totalRevision = this.#revision;
    this.#runner = runner;
    this.#history.add(wallClock(), new Map([[TOTAL, this.#total], ...moment]));
    this.#wake();
  }

  /** Somebody watches now. Not at once, if it has just been looked: rates over a moment tell nothing. */
  #lookSooner(): void {
    const wait = this.#lookedAt + WATCHED - this.#options.time.now();
    if (wait <= 0) this.#look();
    else this.#lookIn(wait);
  }

  #lookIn(ms: number): void {
    this.#next?.cancel();
    this.#next = this.#options.time.callLater(ms, () => this.#look());
  }

  /** Take over how every unit is doing, and which there are. */
  #arrange(units: readonly UnitStatus[]): void {
    this.#revision++;
    const isSame = units.length === this.#order.length &&
      units.every(({ path, kind }, i) => path === this.#order[i]!.path && kind === this.#order[i]!.kind);
    this.#order = units;
    if (!isSame) {
      this.#layout++;
      const paths = new Set(units.map(({ path }) => path));
      for (const path of this.#entries.keys()) if (!paths.has(path)) this.#entries.delete(path);
    }
    for (const unit of units) this.#place(unit);
    this.#wake();
  }

  #place(unit: UnitStatus): void {
    const entry = this.#entries.get(unit.path);
    const row = unitRow(entry?.row.id ?? this.#nextId++, unit, this.#surroundings);
    const text = JSON.stringify(row);
    if (entry === undefined) {
      this.#entries.set(unit.path, {
        row,
        text,
        rowRevision: this.#revision,
        counts: null,
        figures: null,
        figuresRevision: this.#revision,
      });
    } else if (text !== entry.text) {
      entry.row = row;
      entry.text = text;
      entry.rowRevision = this.#revision;
    }
  }

  #count(entry: Entry, counts: Counts): Figures {
    const figures = figuresOf(entry.counts, counts);
    entry.counts = counts;
    if (entry.figures === null || !isEqual(entry.figures, figures)) {
      entry.figures = figures;
      entry.figuresRevision = this.#revision;
    }
    return figures;
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
  }
}

function figureRow({ row, figures }: Entry): FigureRow[] {
  if (figures === null) return [];
  const { connections, traffic, cpu, memory } = figures;
  return [[row.id, connections, traffic, cpu, memory]];
}

function isEqual(a: Figures, b: Figures): boolean {
  return a.connections === b.connections && a.traffic === b.traffic && a.cpu === b.cpu &&
    a.memory === b.memory;
}
