/** What a frame is (RFC 6455, section 5.2). */
export const Opcode = {
  Continuation: 0,
  Text: 1,
  Binary: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const;

/** The longest payload of a close, ping or pong. */
export const MOST_CONTROL = 125;
