import type { HistoryEntry, ImageConfig } from '../image/config.js';
import { REPORT_LIMITS } from '../limits.js';
import type { ReportFacts } from '../operations/report/report-facts.js';
import { formatCounted } from './format-number.js';
import { html, type Html } from './html.js';
import { plainCommand } from './layer-steps.js';
import { definitions, section, table } from './section.js';

/** How a container of the image starts, what it is labelled with, and how it was made. */
export function configSection({ config, annotations }: ReportFacts): Html {
  const { history, config: { Env, Labels } } = config;
  return section('config', 'Configuration', undefined, [
    runtime(config),
    ...group('Environment', Env.map(splitVariable)),
    ...group('Labels', [...Labels]),
    ...group('Annotations', [...annotations]),
    ...(history.length === 0 ? [] : [html`<h3>History</h3>
<p class="note">${formatCounted(history.length, 'step')}, the oldest first.</p>
`, table('History', [{ title: '#', kind: 'number' }, { title: 'When' }, { title: 'Step', kind: 'wide' }], history.slice(0, REPORT_LIMITS.rows).map(historyRow), history.length)]),
  ]);
}

function runtime({ config, author }: ImageConfig): Html {
  const words = (list: readonly string[] | undefined): Html | undefined => (list === undefined || list.length === 0 ? undefined : html`<code>${JSON.stringify(list)}</code>`);
  const word = (text: string | number | undefined): Html | undefined => (text === undefined || text === '' ? undefined : html`<code>${text}</code>`);
  return definitions([
    ['Entrypoint', words(config.Entrypoint)],
    ['Command', words(config.Cmd)],
    ['User', word(config.User) ?? html`<span class="quiet">root (none is set)</span>`],
    ['Working folder', word(config.WorkingDir)],
    ['Ports', words(config.ExposedPorts)],
    ['Volumes', words(config.Volumes)],
    ['Shell', words(config.Shell)],
    ['Stop signal', word(config.StopSignal)],
    ['Health check', config.Healthcheck && words(config.Healthcheck.Test)],
    ['On build', words(config.OnBuild)],
    ['Author', word(author)],
  ]);
}

function group(title: string, pairs: readonly (readonly [string, string])[]): readonly Html[] {
  if (pairs.length === 0) return [];
  return [html`<h3>${title}</h3>
`, definitions(pairs.slice(0, REPORT_LIMITS.rows).map(([name, value]) => [html`<code>${name}</code>`, html`<code>${value}</code>`] as const), pairs.length)];
}

function splitVariable(variable: string): readonly [string, string] {
  const equals = variable.indexOf('=');
  return equals === -1 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)];
}

function historyRow({ created, createdBy, comment, emptyLayer }: HistoryEntry, i: number): readonly (Html | string | number)[] {
  const step = createdBy === undefined || createdBy === '' ? (comment ?? '–') : plainCommand(createdBy);
  return [i + 1, created === undefined ? '–' : html`<span class="date">${/^\d{4}-\d\d-\d\d/.test(created) ? created.slice(0, 10) : created}</span>`, html`<code class="command">${step}</code>${emptyLayer ? html` <span class="quiet">no layer</span>` : undefined}`];
}
