import type { HttpResponse } from '../network/http-client.js';
import { isBreak } from '../network/is-break.js';
import type { Connection } from './connection.js';
import { TRIES } from './retry.js';

/**
 * What `use` makes of the answer that `ask` gets, asked again when the connection breaks in the middle of it. Only for short answers, which are
 * read as a whole. Throws what they throw; that there is no answer at all is for `ask` to try again.
 */
export async function readAgain<T>(connection: Connection, ask: () => Promise<HttpResponse>, use: (response: HttpResponse) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await ask();
    try {
      return await use(response);
    } catch (error) {
      if (attempt === TRIES || !isBreak(error)) throw error;
      await connection.pause(attempt + 1, undefined, signal);
    }
  }
}
