import test from 'ava';
import { suggest } from '../../cli/suggest.js';

const verbs = ['save', 'load', 'copy', 'list', 'inspect', 'history', 'rm', 'gc'];

for (const [word, expected] of [['lsit', 'list'], ['lst', 'list'], ['saev', 'save'], ['inpsect', 'inspect'], ['history', 'history'], ['LIST', 'list'], ['zzz', undefined], ['', undefined]] as const) {
  test(`"${word}" was meant to be ${expected ?? 'nothing here'}`, (t) => {
    t.is(suggest(word, verbs), expected);
  });
}
