import type { GcResult, RemoveResult, TagResult } from '../../src/index.js';
import { escape } from './escape.js';
import { familiar } from './names.js';
import { bytes, count } from './units.js';

export function renderTags(result: TagResult): readonly string[] {
  return [...result.added.map((name) => `added  ${familiar(name)}`), ...result.moved.map((name) => `moved  ${familiar(name)}`), ...result.kept.map((name) => `there  ${familiar(name)}`), `       ${result.digest}`];
}

/** `NAME@DIGEST` for each name that was asked for. */
export function renderTagsQuiet(result: TagResult): readonly string[] {
  return [...result.added, ...result.moved, ...result.kept].map((name) => `${escape(name)}@${result.digest}`);
}

export function renderRemoved(result: RemoveResult): readonly string[] {
  return result.removed.map((name) => `removed  ${familiar(name)}`);
}

export function renderGc(result: GcResult): readonly string[] {
  return [`${result.dryRun ? 'would free' : 'freed'} ${bytes(result.bytes)} in ${count(result.removedBlobs, 'blob')}`];
}
