import { $ } from "./make.js";
import { plots } from "./plots.js";

const all = plots();
$("totals").append(...all.elements);

/** What the application as a whole has used so far. */
export const setTotals = (history, now) => all.set(history, now);
/** What it uses now. */
export const addTotals = (figures, now) => all.add(now, figures);
