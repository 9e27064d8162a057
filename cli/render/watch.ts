import type { WatchEvent } from '../../src/index.js';
import { escape, escapeJson } from './escape.js';
import { SCHEMA_VERSION } from './json.js';
import { familiar } from './names.js';
import { bytes } from './units.js';

/** One line of JSON. */
export function renderEventJson(event: WatchEvent): string {
  return `${escapeJson(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...event }))}\n`;
}

/** Lines for a log: the time, what happened, to what. */
export function renderEvent(event: WatchEvent): readonly string[] {
  const [first = '', ...rest] = describe(event);
  return [`${event.time.slice(0, 19)}Z  ${first}`, ...rest.map((line) => `  ${line}`)];
}

function describe(event: WatchEvent): readonly string[] {
  switch (event.event) {
    case 'watching':
      return [`watching     ${escape(event.url)} for ${escape(event.into)}`];
    case 'found':
      return [`found        ${escape(event.name)}${event.size === undefined ? '' : `  ${bytes(event.size)}`}`];
    case 'accepted':
      return [
        `accepted     ${escape(event.name)}  ${bytes(event.size)}`,
        event.digest,
        ...event.images.map(({ names, digest }) => `${names.map(familiar).join(', ') || '<none>'}  ${digest}`),
        ...(event.path === undefined ? [] : [`kept as ${escape(event.path)}`]),
      ];
    case 'known':
      return [`known        ${escape(event.name)}  ${event.digest}`];
    case 'quarantined':
      return [`QUARANTINED  ${escape(event.name)}`, escape(event.error.message), ...keptWhere(event)];
    case 'exec':
      return [`exec         ${escape(event.name)}  exit ${event.exit}`];
    case 'failed':
      return [`failed       ${event.name === undefined ? '' : escape(event.name)}`.trimEnd(), escape(event.error.message), ...(event.retryInSeconds === undefined ? [] : [`again in ${event.retryInSeconds} s`])];
    case 'stopped':
      return ['stopped'];
  }
}

function keptWhere({ path, reason }: Extract<WatchEvent, { event: 'quarantined' }>): readonly string[] {
  if (path !== undefined) return [`kept as ${escape(path)}`];
  return reason === undefined ? [] : [`was not fetched; the reason is kept as ${escape(reason)}`];
}
