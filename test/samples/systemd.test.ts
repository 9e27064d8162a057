import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { watch } from '../../cli/commands/watch.js';
import { plainArguments } from '../../cli/plain-arguments.js';

const folder = join(resolve(import.meta.dirname, '../../..'), 'samples/systemd');
const SECTIONS: Readonly<Record<string, readonly string[]>> = { '.service': ['Unit', 'Service', 'Install'], '.timer': ['Unit', 'Timer', 'Install'] };
const names = await readdir(folder);

/** Section, key and value of every line, as systemd.syntax(7) has them. */
function parse(text: string): readonly (readonly [section: string, key: string, value: string])[] {
  let section = '';
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const heading = /^\[(\w+)\]$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const setting = /^([A-Z]\w+)=(\S.*)$/.exec(line);
    if (heading === undefined && setting === null) throw new Error(`"${line}" is neither a section nor a setting`);
    return setting === null ? [] : [[section, setting[1] as string, setting[2] as string] as const];
  });
}

test('a service, and a timer with its service', (t) => {
  t.deepEqual(names.toSorted(), ['imgkit-look.service', 'imgkit-look.timer', 'imgkit-watch.service']);
});

for (const name of names) {
  test(`${name}: sections, settings, and a call that imgkit understands`, async (t) => {
    const settings = parse(await readFile(join(folder, name), 'utf8'));
    const allowed = SECTIONS[name.slice(name.lastIndexOf('.'))] ?? [];
    t.deepEqual([...new Set(settings.map(([section]) => section))].filter((section) => !allowed.includes(section)), []);
    t.true(settings.some(([section, key]) => section === 'Unit' && key === 'Description'));
    for (const [, key, value] of settings.filter(([, each]) => each === 'ExecStart')) {
      const [program = '', command, ...words] = value.split(' ');
      t.deepEqual([key, program, command], ['ExecStart', '/usr/bin/imgkit', 'watch']);
      t.truthy(plainArguments(watch, words), `imgkit watch ${words.join(' ')}`);
    }
    t.is(settings.filter(([, key]) => key === 'ExecStart').length, name.endsWith('.service') ? 1 : 0);
  });
}
