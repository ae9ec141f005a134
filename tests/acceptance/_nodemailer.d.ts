/** The part of nodemailer that tests use. */
export interface Transport {
  sendMail(message: {
    from: string;
    to: string;
    subject: string;
    text: string;
    attachments: { filename: string; content: string }[];
  }): Promise<{ response: string }>;
  close(): void;
}

export declare function createTransport(options: {
  host: string;
  port: number;
  requireTLS: boolean;
  tls: { ca: string[] };
  auth: { user: string; pass: string };
}): Transport;
