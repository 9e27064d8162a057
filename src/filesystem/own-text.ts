/** Shorter ones are copied by the engine itself. */
const SLICED = 13;
const scratch = Buffer.allocUnsafeSlow(2 * 1024);

/** A copy of `text`, which else keeps the whole text alive that it was cut out of. */
export function ownText(text: string): string {
  const { length } = text;
  if (length < SLICED) return text;
  if (length * 2 > scratch.length) return Buffer.from(text, 'utf16le').toString('utf16le');
  scratch.write(text, 0, 'utf16le');
  return scratch.toString('utf16le', 0, length * 2);
}
