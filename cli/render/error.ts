import { isImgkitError } from '../../src/index.js';
import { escape } from './escape.js';
import { renderJsonError } from './json.js';
import type { Style } from './style.js';
import { labelled } from './width.js';

/** What is told of an error: a sentence, or a JSON document; the stack when `debug`. `width` is that of the terminal. */
export function renderError(error: unknown, how: { readonly json: boolean; readonly debug: boolean; readonly style: Style; readonly width?: number | undefined }): string {
  const known = isImgkitError(error);
  const message = known ? error.message : `Unexpected: ${error instanceof Error ? error.message : String(error)} (this is a bug in imgkit; IMGKIT_DEBUG=1 shows where).`;
  const text = how.json
    ? renderJsonError(known ? error : { code: 'unexpected', message, details: {} })
    : `${labelled('imgkit:', how.style.bad('imgkit:'), escape(message), how.width)}\n`;
  return how.debug ? `${text}${stack(error)}\n` : text;
}

/** The stack of an error and of its causes, line by line. */
function stack(error: unknown): string {
  const lines = (error instanceof Error ? (error.stack ?? error.message) : String(error)).split('\n').map(escape).join('\n');
  return error instanceof Error && error.cause !== undefined ? `${lines}\ncaused by: ${stack(error.cause)}` : lines;
}
