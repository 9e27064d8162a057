/** Longest text of a registry that is repeated to the user. */
const LONGEST = 300;

/** What a registry said, fit for an error sentence: one line, no control characters, bounded. */
export function sayable(text: string): string {
  const plain = text.slice(0, 4 * LONGEST).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').replace(/ +/g, ' ').trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain;
}
