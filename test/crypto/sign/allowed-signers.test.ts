import test from 'ava';
import * as fc from 'fast-check';
import { parseAllowedSigners } from '../../../src/crypto/sign/allowed-signers.js';
import { matchesPrincipals } from '../../../src/crypto/sign/principal-pattern.js';
import { parseSshTime } from '../../../src/crypto/sign/ssh-time.js';
import { isImgkitError } from '../../../src/errors.js';
import { SSH_VECTORS } from './ssh-vectors.js';

const KEY = SSH_VECTORS.ed25519.publicLine;
const parse = (text: string) => parseAllowedSigners({ name: 'signers', bytes: Buffer.from(text) });

test('a file of allowed signers is read line by line', (t) => {
  const lines = parse(`# people\n\n  me@example.org,you  ${KEY}\r\n"a b" namespaces="x,y",cert-authority ${KEY}\n*\tvalid-after="20260101Z",VALID-BEFORE="202602031530Z" ${KEY}\n`);
  t.deepEqual(lines.map(({ principals, certAuthority, namespaces, validAfter, validBefore, where }) => ({ principals, certAuthority, namespaces, validAfter, validBefore, where })), [
    { principals: 'me@example.org,you', certAuthority: false, namespaces: undefined, validAfter: undefined, validBefore: undefined, where: 'signers, line 3' },
    { principals: 'a b', certAuthority: true, namespaces: 'x,y', validAfter: undefined, validBefore: undefined, where: 'signers, line 4' },
    { principals: '*', certAuthority: false, namespaces: undefined, validAfter: new Date('2026-01-01T00:00:00Z'), validBefore: new Date('2026-02-03T15:30:00Z'), where: 'signers, line 5' },
  ]);
});

test('quotes may begin anywhere in the list of people, which ends where they do', (t) => {
  const people = (list: string): readonly string[] => parse(`${list}${KEY}\n`).map(({ principals }) => principals);
  t.deepEqual(['a@x,"b@x" ', '"a@x,b c" ', '"a@x"', 'a@x,"" ', 'me namespaces="x" '].map(people), [['a@x,b@x'], ['a@x,b c'], ['a@x'], ['a@x,'], ['me']]);
});

for (const line of [
  `a@x,"b@x",c@x ${KEY}`, `"a@x","b@x" ${KEY}`, `a@x,"b@x ${KEY}`,
  'me', KEY, `me nonsense ${KEY}`, `me nonsense="x" ${KEY}`, `me namespaces ${KEY}`, `me namespaces="" ${KEY}`, `me namespaces="x ${KEY}`, `me cert-authority="x" ${KEY}`, `me namespaces="x",namespaces="y" ${KEY}`,
  `me valid-after="2026" ${KEY}`, `me valid-after="20260230" ${KEY}`, `me valid-after="20260102",valid-before="20260101" ${KEY}`, `me namespaces="x",, ${KEY}`, 'me ssh-ed25519', 'me ssh-ed25519 !!!!', `me ssh-rsa ${KEY.split(' ')[1]}`,
  `me ssh-ed25519 ${KEY.split(' ')[1]?.slice(0, -4)}`, `"me ${KEY}`, `"" ${KEY}`,
]) {
  test(`refuses the line ${line.slice(0, 70)} (${line.length})`, (t) => {
    t.throws(() => parse(`you ${KEY}\n${line}\n`), { code: 'key-malformed', message: /signers, line 2/ });
  });
}

for (const [text, time] of [
  ['20260131Z', '2026-01-31T00:00:00Z'], ['202601312359Z', '2026-01-31T23:59:00Z'], ['20260131235958Z', '2026-01-31T23:59:58Z'], ['20240229Z', '2024-02-29T00:00:00Z'],
] as const) {
  test(`${text} is ${time}`, (t) => t.deepEqual(parseSshTime(text), new Date(time)));
}

for (const text of ['', '2026', '2026013', '20260132Z', '20261301Z', '20250229Z', '2026013124Z', '202601312400Z', '202601312360Z', '20260131235960Z', '20260131z', '2026-01-31', ' 20260131', '20260131ZZ', '-20260131']) {
  test(`"${text}" is no time`, (t) => t.is(parseSshTime(text), undefined));
}

test('a time without zone is a time of this machine', (t) => t.deepEqual(parseSshTime('20260704120000'), new Date(2026, 6, 4, 12, 0, 0)));

test('patterns match what the regular expression for them matches', (t) => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), minLength: 1, maxLength: 8 });
  fc.assert(fc.property(letters, pattern, (text, each) => {
    const expression = new RegExp(`^${each.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`);
    t.is(matchesPrincipals(text, each), text !== '' && expression.test(text), `${text} ${each}`);
  }), { numRuns: 500 });
});

test('a pattern made to be slow is not', (t) => {
  t.false(matchesPrincipals(`${'a'.repeat(2_000)}b`, `${'*a'.repeat(500)}*c`));
});

test('any text is read or refused', (t) => {
  const piece = fc.constantFrom('me', ' ', '\t', '"', ',', '=', KEY, 'namespaces="x"', 'cert-authority', 'valid-after="20260101"', '\n', '#', 'ssh-rsa', '*');
  fc.assert(fc.property(fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')), (text) => {
    try {
      for (const { principals } of parse(text)) t.not(principals, '');
    } catch (error) {
      t.true(isImgkitError(error, 'key-malformed'), String(error));
    }
  }), { numRuns: 500 });
});
