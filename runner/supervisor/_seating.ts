import { bringDown, release } from "./_leaving.ts";
import { isDue, needsOf } from "./_launching.ts";
import type { Machine } from "./_machine.ts";
import type { SeatId } from "./_messages.ts";
import type { ServiceUnit } from "./_unit.ts";

/**
 * Seek a seat for a singleton as soon as nothing else keeps it from starting, and leave it when nothing of it runs
 * here and nothing is about to: a crash hands over to another runner. What restarts at once keeps it.
 */
export function lookAtSeat(m: Machine, unit: ServiceUnit): void {
  const isOfUse = unit.live > 0 ||
    (unit.spec.singleton === true && unit.state === "waiting" && isDue(m, unit));
  if (!isOfUse) leaveSeat(m, unit);
  else if (unit.seat === null && isOfUse && unit.live === 0) seekSeat(m, unit);
}

function seekSeat(m: Machine, unit: ServiceUnit): void {
  const seat = m.nextId();
  unit.seat = { id: seat, state: "sought", isHaunted: false };
  m.seats.set(seat, unit);
  m.seatsSought++;
  const { path, spec } = unit;
  m.emit({ kind: "seekSeat", seat, path, needs: needsOf(unit, spec), stopTimeout: spec.stopTimeout });
}

/** Seek or hold no seat for it any more. */
export function leaveSeat(m: Machine, unit: ServiceUnit): void {
  const { seat } = unit;
  if (seat === null) return;
  forgetSeat(m, unit);
  m.emit({ kind: "leaveSeat", seat: seat.id, hasStopped: !seat.isHaunted });
}

function forgetSeat(m: Machine, unit: ServiceUnit): void {
  const seat = unit.seat!;
  unit.seat = null;
  m.seats.delete(seat.id);
  if (seat.state === "sought") m.seatsSought--;
}

/** The fleet has agreed that it is run here. */
export function seatWon(m: Machine, seat: SeatId): void {
  const unit = m.seats.get(seat);
  if (unit === undefined || unit.seat!.state === "held") return;
  unit.seat!.state = "held";
  m.seatsSought--;
  m.mark(unit);
}

/**
 * It must not run here any longer: it stops now, and does not wait for what depends on it, which stops beside it.
 * Then it waits for its turn like any other.
 */
export function seatLost(m: Machine, seat: SeatId, reason: string): void {
  const unit = m.seats.get(seat);
  if (unit === undefined) return;
  const { id, isHaunted } = unit.seat!;
  forgetSeat(m, unit);
  m.emit({ kind: "leaveSeat", seat: id, hasStopped: !isHaunted && unit.live === 0 });
  bringDown(m, [unit], "all", reason);
  if (unit.life !== null) release(m, unit.life, { within: unit.spec.stopTimeout, hold: 0 });
  m.mark(unit);
}
