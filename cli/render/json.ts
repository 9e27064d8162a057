import type { ImgkitError } from '../../src/index.js';
import { escapeJson } from './escape.js';

/** Grows when a field changes its meaning or goes; new fields do not count. */
export const SCHEMA_VERSION = 1;

/** One document: the result of a facade call with its `schemaVersion` in front. */
export function renderJson(result: object): string {
  return document(result);
}

/** One document for what went wrong; `code` is the library's. */
export function renderJsonError(error: Pick<ImgkitError, 'code' | 'message' | 'details'> | { readonly code: 'unexpected'; readonly message: string; readonly details: object }): string {
  return document({ error: { code: error.code, message: error.message, details: error.details } });
}

function document(content: object): string {
  return `${escapeJson(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...content }, plain, 2))}\n`;
}

/** Maps become objects; a bigint becomes a number where that is exact, else a string. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value as ReadonlyMap<string, unknown>);
  if (value instanceof Set) return [...(value as ReadonlySet<unknown>)];
  if (typeof value === 'bigint') return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
  return value;
}
