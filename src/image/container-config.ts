import { record, type JsonRecord } from '../content/json-record.js';
import type { JsonValue } from '../content/json.js';

/** How a container of the image runs (OCI image spec, config.md, `config`; plus Docker's Healthcheck, OnBuild and Shell). */
export interface ContainerConfig {
  readonly Env: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts: readonly string[];
  readonly Volumes: readonly string[];
  readonly Labels: ReadonlyMap<string, string>;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly ArgsEscaped?: boolean;
  readonly OnBuild: readonly string[];
  readonly Shell?: readonly string[];
  readonly Healthcheck?: Healthcheck;
}

/** Docker's HEALTHCHECK; times in nanoseconds. */
export interface Healthcheck {
  readonly Test: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

const FIELDS = [
  'Env', 'Cmd', 'Entrypoint', 'User', 'WorkingDir', 'ExposedPorts', 'Volumes', 'Labels', 'StopSignal', 'StopTimeout',
  'ArgsEscaped', 'OnBuild', 'Shell', 'Healthcheck',
] as const;
const TIMES = ['Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'] as const;

/** Reads the `config` object of an image config; missing and null are empty. Throws `document-malformed`. */
export function readContainerConfig(value: JsonValue | undefined, where: string): ContainerConfig {
  const fields = record(value ?? new Map(), where, FIELDS);
  const health = fields.optionalRecord('Healthcheck', ['Test', ...TIMES]);
  return {
    Env: fields.strings('Env'),
    ...present('Cmd', fields.optionalStrings('Cmd')),
    ...present('Entrypoint', fields.optionalStrings('Entrypoint')),
    ...present('User', fields.optionalString('User') || undefined),
    ...present('WorkingDir', fields.optionalString('WorkingDir') || undefined),
    ExposedPorts: [...(fields.optionalMap('ExposedPorts')?.keys() ?? [])],
    Volumes: [...(fields.optionalMap('Volumes')?.keys() ?? [])],
    Labels: fields.stringMap('Labels'),
    ...present('StopSignal', fields.optionalString('StopSignal') || undefined),
    ...present('StopTimeout', fields.optionalInteger('StopTimeout')),
    ...present('ArgsEscaped', fields.optionalBoolean('ArgsEscaped')),
    OnBuild: fields.strings('OnBuild'),
    ...present('Shell', fields.optionalStrings('Shell')),
    ...present('Healthcheck', health && readHealthcheck(health)),
  };
}

function readHealthcheck(fields: JsonRecord<'Test' | (typeof TIMES)[number]>): Healthcheck {
  const times = TIMES.map(name => [name, fields.optionalInteger(name)] as const).filter(([, time]) => time !== undefined);
  return { Test: fields.strings('Test'), ...Object.fromEntries(times) };
}

function present<N extends string, T>(name: N, value: T | undefined): { [P in N]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [P in N]?: T });
}
