import { ImgkitError } from '../../src/errors.js';
import type { HttpClient, HttpResponse } from '../../src/network/http-client.js';
import { MOST_BYTES } from './fuzz-bytes.js';
import { JSON_CHANGES } from './fuzz-json.js';
import { drain, pieces, type Change } from './fuzz-target.js';

/** Between two answers of a script. */
const NEXT = '\n%%\n';

/** A script of what a server answers, one request after the other: status, headers, a blank line, body. Read leniently, for it is mutated. */
export const script = (...answers: readonly string[]): string => answers.join(NEXT);

/** A client whose server answers from `text`; where that ends, all is well. */
export function answeringClient(text: string): HttpClient {
  const answers = text.split(NEXT);
  let next = 0;
  return {
    async request({ url, body }) {
      if (body !== undefined && !(body instanceof Uint8Array)) await drain(body);
      return read(answers[next++] ?? '200\n\n', url);
    },
    close: () => Promise.resolve(),
  };
}

function read(answer: string, url: string): HttpResponse {
  const end = `${answer}\n\n`.indexOf('\n\n');
  const [status = '', ...lines] = answer.slice(0, end).split('\n');
  const body = Buffer.from(answer.slice(end + 2));
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    // Others do not come through the parser of HTTP.
    const value = line.slice(colon + 1).replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').trim();
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), value);
  }
  return {
    status: /^[1-5]\d\d$/.test(status) ? Number(status) : 200, headers, url, body: pieces(body, 100), lentBody: pieces(body, 100),
    text: (most = 1024 * 1024) => (body.length > most ? Promise.reject(new ImgkitError('limit-exceeded', 'too long')) : Promise.resolve(body.toString('utf8'))),
    discard: () => Promise.resolve(),
  };
}

/** Changes the JSON in the body of one answer. */
export const SCRIPT_JSON: readonly Change[] = JSON_CHANGES.map((change): Change => (bytes, random, others) => {
  const answers = bytes.toString('utf8').split(NEXT);
  const at = random.below(answers.length);
  const answer = answers[at] ?? '';
  const start = answer.indexOf('\n\n') + 2;
  if (start === 1) return bytes;
  answers[at] = answer.slice(0, start) + change(Buffer.from(answer.slice(start)), random, others).toString('utf8');
  return Buffer.from(answers.join(NEXT)).subarray(0, MOST_BYTES);
});
/** An answer that comes twice, is missing, or stands elsewhere. */
export const SCRIPT_ORDER: Change = (bytes, random, others) => {
  const answers = bytes.toString('utf8').split(NEXT);
  const foreign = random.pick(others).toString('utf8').split(NEXT);
  answers.splice(random.below(answers.length + 1), random.below(2), ...[random.pick(answers), random.pick(foreign), ''].slice(random.below(3)).slice(0, random.below(2)));
  return Buffer.from(answers.join(NEXT)).subarray(0, MOST_BYTES);
};
