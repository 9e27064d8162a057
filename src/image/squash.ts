import type { JsonObject, JsonValue } from '../content/json.js';
import { fullHistory, withLayer, type DraftLayer, type HistoryStep, type ImageDraft } from './derive.js';

/**
 * `draft` with `layer` in place of its layers from number `from` (base 0) to the top. The steps that made those are kept, as
 * steps without a layer; `step` is the one that made the new one.
 */
export function squashDraft(draft: ImageDraft, from: number, layer: DraftLayer, step: HistoryStep): ImageDraft {
  let made = 0;
  const history = fullHistory(draft).map((each): JsonValue => {
    if (!(each instanceof Map) || (each as JsonObject).get('empty_layer') === true) return each;
    return made++ < from ? each : new Map<string, JsonValue>(each).set('empty_layer', true);
  });
  return withLayer({ ...draft, layers: draft.layers.slice(0, from), history }, layer, step);
}
