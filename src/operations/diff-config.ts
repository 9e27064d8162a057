import type { JsonValue } from '../content/json.js';
import { stringifyCanonical, type JsonWritable } from '../content/json-write.js';
import type { ImageConfig } from '../image/config.js';

/** One setting of an image config that differs. */
export interface ConfigChange {
  readonly kind: 'added' | 'changed' | 'deleted';
  /** As in the config: `Cmd`, `Env PATH`, `Labels org.example.title`, `architecture`. */
  readonly field: string;
  /** Text as it stands, everything else as JSON. */
  readonly old?: string | undefined;
  readonly new?: string | undefined;
}

/** These belong to a moment or to the layers, or are told by other parts of a diff. */
const LEFT_OUT = new Set(['config', 'created', 'rootfs', 'history', 'container', 'container_config', 'id', 'parent', 'docker_version']);

/** What differs between two configs, sorted by field: settings, variables one by one, labels one by one, platform. */
export function diffConfig(before: ImageConfig, after: ImageConfig): readonly ConfigChange[] {
  const [old, fresh] = [settings(before), settings(after)];
  const changes: ConfigChange[] = [];
  for (const field of [...new Set([...old.keys(), ...fresh.keys()])].sort()) {
    const [was, is] = [old.get(field), fresh.get(field)];
    if (was === is) continue;
    changes.push({ kind: was === undefined ? 'added' : is === undefined ? 'deleted' : 'changed', field, old: was, new: is });
  }
  return changes;
}

function settings({ raw, config }: ImageConfig): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of raw) if (!LEFT_OUT.has(name)) put(found, name, value);
  const runtime = raw.get('config');
  if (runtime instanceof Map) {
    for (const [name, value] of runtime as ReadonlyMap<string, JsonValue>) {
      if (name !== 'Env' && name !== 'Labels' && name !== 'ExposedPorts' && name !== 'Volumes') put(found, name, value);
    }
  }
  for (const variable of config.Env) {
    const equals = variable.indexOf('=');
    found.set(`Env ${equals === -1 ? variable : variable.slice(0, equals)}`, equals === -1 ? '' : variable.slice(equals + 1));
  }
  for (const [name, value] of config.Labels) found.set(`Labels ${name}`, value);
  for (const port of config.ExposedPorts) found.set(`ExposedPorts ${port}`, '');
  for (const volume of config.Volumes) found.set(`Volumes ${volume}`, '');
  return found;
}

/** Null, empty text, false and empty lists mean the same as no setting at all. */
function put(found: Map<string, string>, name: string, value: JsonValue): void {
  if (value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0)) return;
  found.set(name, typeof value === 'string' ? value : stringifyCanonical(value as JsonWritable));
}
