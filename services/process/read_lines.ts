/** Longer lines are cut into pieces of this many bytes: a program may write for ever without an end of line. */
export const LONGEST_LINE = 16 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Call `onLine` with each line that comes from `reader`, without its end, LF or CRLF; what is not UTF-8 becomes
 * U+FFFD. The last line may lack its end. Resolves at the end of the stream, or when it is cancelled.
 */
export async function readLines(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  const line = new Uint8Array(LONGEST_LINE);
  let length = 0;
  const flush = (): void => {
    const end = length > 0 && line[length - 1] === CR ? length - 1 : length;
    onLine(decoder.decode(line.subarray(0, end)));
    length = 0;
  };
  const take = (bytes: Uint8Array): void => {
    for (let rest = bytes; rest.length > 0;) {
      if (length === LONGEST_LINE) flush();
      const piece = rest.subarray(0, LONGEST_LINE - length);
      line.set(piece, length);
      length += piece.length;
      rest = rest.subarray(piece.length);
    }
  };
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    let rest = read.value;
    for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF)) {
      take(rest.subarray(0, end));
      flush();
      rest = rest.subarray(end + 1);
    }
    take(rest);
  }
  if (length > 0) flush();
}
