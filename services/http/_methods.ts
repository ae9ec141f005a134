/**
 * The methods of the IANA registry that servers know, and SOURCE of Icecast. Others get 501: a server that
 * takes any token for a method forwards what the parser behind it may take for something else.
 */
export const knownMethods: ReadonlySet<string> = new Set(
  ("ACL BIND CHECKOUT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH " +
    "POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE UNBIND UNLINK UNLOCK UNSUBSCRIBE")
    .split(" "),
);

/** Understood, and refused: no origin server of ours has a use for them, and attackers have. */
export const refusedMethods: ReadonlySet<string> = new Set(["CONNECT", "TRACE"]);

/** The longest of them. */
export const longestMethod = 11;
