/** What this application has to say about its mail: see app.yaml beside this file. */
import type { MailHooks } from "@heddle/heddle/mail";

export default {
  // tickets@example.org, and tickets-17@example.org: nobody has to know the numbers beforehand.
  onRecipient({ address }) {
    if (address.domain === "example.org" && /^tickets(-\d+)?$/.test(address.local)) {
      return { mailboxes: ["tickets"] };
    }
  },

  // A message is looked at while it comes; what is not read need not be.
  async onMessage({ id, envelope, content }) {
    const decoder = new TextDecoder();
    let header = "";
    for await (const bytes of content) {
      header += decoder.decode(bytes, { stream: true });
      if (header.includes("\r\n\r\n") || header.length > 64 * 1024) break;
    }
    const subject = /^Subject: *(.*)$/im.exec(header)?.[1] ?? "(none)";
    if (/lottery/i.test(subject)) return { reject: "We do not play" };
    console.log(`${id} from ${envelope.sender.address?.local ?? "nobody"}: ${subject}`);
  },
} satisfies MailHooks;
