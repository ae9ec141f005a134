import type { PageFiles } from "../../../../services/http/site/page_module.ts";

/** What the page is made of. */
export const files: PageFiles = {
  html: "inbox.html",
  css: "inbox.css",
  script: "inbox.js",
  icon: "icon.svg",
};
