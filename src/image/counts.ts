import type { ImageConfig } from './config.js';
import type { Finding } from './finding.js';

/**
 * Whether the number of layers fits the config: one diffID for each, and one history entry that is not an empty layer,
 * when there is a history (OCI image spec, config.md). `subject` names the image. Every check gives a finding.
 */
export function checkCounts(config: Pick<ImageConfig, 'diffIds' | 'history'>, layersCount: number, subject: string): readonly Finding[] {
  const findings = [compare(subject, layersCount, config.diffIds.length, 'diffIDs in the config')];
  if (config.history.length > 0) {
    const made = config.history.filter(entry => !entry.emptyLayer).length;
    findings.push(compare(subject, layersCount, made, 'history entries that made a layer'));
  }
  return findings;
}

function compare(subject: string, layers: number, others: number, what: string): Finding {
  const fits = layers === others;
  const message = fits
    ? `${layers} layers, as many as ${what}`
    : `The image has ${layers} layers but ${others} ${what}; it was changed after it was built, rebuild it.`;
  return { check: 'counts', status: fits ? 'ok' : 'failed', subject, message, ...(!fits && { expected: String(others), found: String(layers) }) };
}
