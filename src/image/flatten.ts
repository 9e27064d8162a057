import type { JsonValue } from '../content/json.js';
import { fullHistory, withLayer, type DraftLayer, type HistoryStep, type ImageDraft } from './derive.js';

/** `draft` with `layer` in place of all its layers. Its steps are kept, as steps without a layer; `step` is the one that made it. */
export function flattenDraft(draft: ImageDraft, layer: DraftLayer, step: HistoryStep): ImageDraft {
  const history = fullHistory(draft).map((each): JsonValue => (each instanceof Map ? new Map<string, JsonValue>(each).set('empty_layer', true) : each));
  return withLayer({ ...draft, layers: [], history }, layer, step);
}
