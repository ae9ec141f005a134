import { Reply, type ReplyHeaders } from "../reply.ts";

/** Header fields of everything that a site of this machine answers. */
export const siteHeaders: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

/** Nothing runs, nothing is fetched: for what is no page. */
export const dataPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";

/** The page itself runs its own scripts and no others, and has nothing from elsewhere. */
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/** A file of the page. */
export function pageFile(text: string, type: string): Reply {
  return new Reply(text, {
    headers: {
      ...siteHeaders,
      "content-type": `${type};charset=utf-8`,
      "content-security-policy": pagePolicy,
    },
  });
}

/** Data for the page's scripts. */
export function siteJson(value: unknown, status = 200): Reply {
  return Reply.json(value, { status, headers: { ...siteHeaders, "content-security-policy": dataPolicy } });
}

/** A refusal in words. */
export function siteRefusal(status: number, text: string, headers: ReplyHeaders = {}): Reply {
  return new Reply(`${text}\n`, { status, headers: siteHeaders }).withHeaders(headers);
}
