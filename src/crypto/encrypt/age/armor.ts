import { malformedAge } from './malformed.js';

const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';
const END = '-----END AGE ENCRYPTED FILE-----';
const COLUMNS = 64;
/** White space before the first line is allowed; not without end. */
const MOST_SPACE = 1024;

/**
 * The binary age file in `chunks`, which are that or its ASCII armor (C2SP age.md, "ASCII armor": strict PEM, one width of
 * lines, canonical padding; only white space around it). Throws `ciphertext-malformed`, naming `name`.
 */
export async function* dearmor(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  let armor: ArmorLines | undefined;
  let head: Uint8Array = new Uint8Array();
  let decided = false;
  for await (const chunk of chunks) {
    if (decided) {
      if (armor === undefined) yield chunk;
      else yield* armor.take(chunk);
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const text = Buffer.from(head.subarray(0, MOST_SPACE + BEGIN.length)).toString('latin1').trimStart();
    if (text.length < BEGIN.length && BEGIN.startsWith(text) && head.length < MOST_SPACE + BEGIN.length) continue;
    decided = true;
    if (text.startsWith(BEGIN)) {
      armor = new ArmorLines(name);
      yield* armor.take(head);
    } else yield head;
  }
  if (!decided && head.length > 0) yield head;
  armor?.finish();
}

/** Takes armor apart, line by line. */
class ArmorLines {
  readonly #name: string;
  #held = '';
  #state: 'before' | 'inside' | 'short' | 'after' = 'before';

  constructor(name: string) {
    this.#name = name;
  }

  *take(chunk: Uint8Array): Generator<Uint8Array> {
    const lines = (this.#held + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1')).split('\n');
    this.#held = lines.pop() as string;
    if (this.#held.length > MOST_SPACE) throw this.#malformed('a line is too long');
    const decoded: Uint8Array[] = [];
    for (const line of lines) {
      const bytes = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (bytes !== undefined) decoded.push(bytes);
    }
    if (decoded.length > 0) yield Buffer.concat(decoded);
  }

  finish(): void {
    if (this.#held !== '') this.#line(this.#held);
    if (this.#state !== 'after') throw this.#malformed('its last line is missing');
  }

  #line(line: string): Uint8Array | undefined {
    if (this.#state === 'before' || this.#state === 'after') {
      // Space may stand before the first line, and behind the last.
      const text = this.#state === 'before' ? line.trimStart() : line.trim();
      if (text === '') return undefined;
      if (this.#state === 'after' || text !== BEGIN) throw this.#malformed('there is something around it');
      this.#state = 'inside';
      return undefined;
    }
    if (line.trimEnd() === END) {
      this.#state = 'after';
      return undefined;
    }
    const bytes = Buffer.from(line, 'base64');
    if (this.#state === 'short' || line === '' || line.length > COLUMNS || bytes.toString('base64') !== line) throw this.#malformed('a line is no canonical base64 of 64 characters');
    if (line.length < COLUMNS || line.endsWith('=')) this.#state = 'short';
    return bytes;
  }

  #malformed(what: string): Error {
    return malformedAge(this.#name, `its ASCII armor is malformed: ${what}`);
  }
}
