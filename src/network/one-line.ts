/** Longest text of a server that is repeated to the user. */
const LONGEST = 300;

/** What a server said, fit for an error sentence or a question: one line, no control characters nor marks of direction, bounded. */
export function oneLine(text: string): string {
  const plain = text.slice(0, 4 * LONGEST).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').replace(/ +/g, ' ').trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain;
}
