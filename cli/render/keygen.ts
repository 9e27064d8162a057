import type { KeygenResult } from '../../src/index.js';
import { escape } from './escape.js';

/** The files, which of them is secret, and what others need. */
export function renderKey({ type, keyId, files, publicLine }: KeygenResult): readonly string[] {
  const receivers = type === 'age' ? 'encrypt for you' : 'check';
  return [
    `${type} key ${escape(keyId)}`,
    ...files.map(({ path, secret }) => `  ${escape(path)}${secret ? '  (secret: keep it to yourself)' : `  (public: give it to those who ${receivers})`}`),
    ...(publicLine === undefined || publicLine === keyId ? [] : [`  ${escape(publicLine)}`]),
  ];
}
