import { malformed, type TarPlace } from './fault.js';
import { decodeText } from './text.js';

/** The text of a GNU `L` or `K` body, which ends in NULs. Throws `tar-malformed` when it is empty or goes on after a NUL. */
export function longText(body: Buffer, place: TarPlace): string {
  let end = body.length;
  while (end > 0 && body[end - 1] === 0) end--;
  if (end === 0) throw malformed(place, 'a GNU long name is empty');
  const text = decodeText(body, 0, end);
  if (text.includes('\0')) throw malformed(place, 'a GNU long name holds NUL');
  return text;
}
