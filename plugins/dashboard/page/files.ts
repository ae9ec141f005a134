import type { PageFiles } from "../../../services/http/site/page_module.ts";

/** What the page is made of: each script by its name. */
export const files: PageFiles = {
  html: "dashboard.html",
  css: "dashboard.css",
  icon: "icon.svg",
  main: "main.js",
  make: "make.js",
  units: "units.js",
  attention: "attention.js",
  detail: "detail.js",
  totals: "totals.js",
  plots: "plots.js",
  words: "words.js",
  log: "log.js",
  actions: "actions.js",
};
