import type { Contender } from "./contender.ts";
import { benchFile, denoCommand, runProcess } from "./run_process.ts";

const PYTHON = "/usr/bin/python3";
/** Milliseconds that npm may take. */
const INSTALL = 60_000;
const LIBRARY = "smtp-server@^3.21.6";

/** The mail servers that are measured side by side. */
export interface SmtpServers {
  readonly heddle: Contender;
  readonly maildir: Contender;
  readonly queue: Contender;
  readonly onDeno: Contender;
  readonly onNode: Contender;
  readonly twisted: Contender;
  readonly aiosmtpd: Contender;
  readonly sink: Contender;
  readonly bareJournal: Contender;
  readonly bareMaildir: Contender;
  readonly bareEach: Contender;
}

function heddle(name: string, kind: string): Contender {
  return { name, command: denoCommand("contenders/heddle_smtp.ts", kind) };
}

function bare(name: string, mode: string): Contender {
  return { name, command: denoCommand("contenders/bare_smtp.ts", mode) };
}

/** @param folder where Node finds its libraries; it is filled by {@linkcode installForNode} */
export function smtpServers(folder: string): SmtpServers {
  return {
    heddle: heddle("Heddle", "discard"),
    maildir: heddle("Heddle, Maildir", "maildir"),
    queue: heddle("Heddle, queue", "queue"),
    onDeno: {
      name: "smtp-server on Deno",
      command: denoCommand("contenders/smtp_server.mjs"),
    },
    onNode: {
      name: "smtp-server on Node",
      command: ["node", benchFile("contenders/smtp_server.mjs"), folder],
      probe: ["node", "-e", `require.resolve("smtp-server", { paths: [${JSON.stringify(folder)}] })`],
      install: "apt-get install nodejs npm",
    },
    twisted: {
      name: "twisted.mail",
      command: [PYTHON, benchFile("contenders/twisted_smtp.py")],
      probe: [PYTHON, "-c", "import twisted.mail.smtp"],
      install: "apt-get install python3-twisted",
    },
    aiosmtpd: {
      name: "aiosmtpd",
      command: [PYTHON, benchFile("contenders/aiosmtpd_smtp.py")],
      probe: [PYTHON, "-c", "import aiosmtpd"],
      install: "apt-get install python3-aiosmtpd",
    },
    sink: {
      name: "smtp-sink (C)",
      command: denoCommand("contenders/smtp_sink.ts"),
      probe: ["which", "smtp-sink"],
      install: "apt-get install postfix",
    },
    bareJournal: bare("bare loop, journal, grouped fdatasync", "journal"),
    bareMaildir: bare("bare loop, Maildir, grouped folder fsync", "maildir"),
    bareEach: bare("bare loop, an fdatasync each", "each"),
  };
}

/** Put the library where Node finds it. Where that cannot be done, the contender is missing. */
export async function installForNode(folder: string): Promise<void> {
  const command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", folder, LIBRARY];
  await runProcess(command, INSTALL).catch(() => {});
}
