import test from 'ava';
import type { Descriptor, Platform } from '../../src/content/descriptor.js';
import { digestOf } from '../../src/content/digest.js';
import { formatPlatform, formatPlatformFully, hostPlatform, parsePlatform, selectPlatform } from '../../src/image/platform.js';

for (const [text, formatted] of [
  ['linux/amd64', 'linux/amd64'], ['linux/arm64/v8', 'linux/arm64/v8'], ['Linux/X86_64', 'linux/amd64'], ['linux/aarch64', 'linux/arm64'],
  ['linux/armhf', 'linux/arm/v7'], ['linux/armel', 'linux/arm/v6'], ['linux/arm/7', 'linux/arm/v7'], ['windows/amd64', 'windows/amd64'],
] as const) {
  test(`${text} is ${formatted}`, t => t.is(formatPlatform(parsePlatform(text)), formatted));
}

for (const text of ['', 'atari', 'linux()', 'linux(1/amd64', 'v7', 'linux/', '/amd64', 'linux/arm/v7/x', 'linux/a b', 'linux//v7', 'linux/amd64\n']) {
  test(`refuses ${JSON.stringify(text)}`, t => {
    t.throws(() => parsePlatform(text), { code: 'platform-invalid', message: /OS\/ARCH/ });
  });
}

const runs = (wanted: Platform, have: Platform): boolean =>
  selectPlatform([{ mediaType: 'm', digest: digestOf(Buffer.of()), size: 0, platform: have }], wanted) !== undefined;

for (const [wanted, have, matches] of [
  ['linux/amd64', 'linux/amd64', true], ['linux/amd64', 'linux/arm64', false], ['linux/amd64', 'windows/amd64', false],
  ['linux/arm64', 'linux/arm64/v8', true], ['linux/arm64/v8', 'linux/arm64', true], ['linux/arm64', 'linux/arm64/v9', false],
  ['linux/arm64/v9', 'linux/arm64/v8', true], ['linux/arm64', 'linux/arm/v7', false],
  ['linux/arm', 'linux/arm/v7', true], ['linux/arm/v7', 'linux/arm/v6', true], ['linux/arm/v6', 'linux/arm/v7', false],
  ['linux/arm/v8', 'linux/arm', true], ['linux/arm/v6', 'linux/arm', false],
  ['linux/amd64/v3', 'linux/amd64/v2', true], ['linux/amd64', 'linux/amd64/v2', false], ['linux/amd64/v3', 'linux/amd64', true],
  ['linux/mips/a', 'linux/mips/b', false],
] as const) {
  test(`${wanted} ${matches ? 'runs' : 'does not run'} ${have}`, t => t.is(runs(parsePlatform(wanted), parsePlatform(have)), matches));
}

test('a Windows build must be the same, its revision need not', t => {
  const at = (version: string) => ({ os: 'windows', architecture: 'amd64', 'os.version': version });
  t.true(runs(at('10.0.17763.1'), at('10.0.17763.2')));
  t.false(runs(at('10.0.17763.1'), at('10.0.20348.1')));
  t.true(runs(parsePlatform('windows/amd64'), at('10.0.20348.1')));
  t.false(runs(at('10.0.17763.1'), parsePlatform('windows/amd64')));
});

const member = (platform: string, annotations: Record<string, string> = {}): Descriptor => ({
  mediaType: 'm', digest: digestOf(Buffer.from(platform)), size: 1, platform: parsePlatform(platform), annotations: new Map(Object.entries(annotations)),
});

test('the closest variant is selected, attestations never', t => {
  const select = (wanted: string, ...have: Descriptor[]) => {
    const found = selectPlatform(have, parsePlatform(wanted))?.platform;
    return found && formatPlatform(found);
  };
  const arms = ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7', 'linux/arm64'].map(name => member(name));
  t.is(select('linux/arm/v7', ...arms), 'linux/arm/v7');
  t.is(select('linux/arm/v6', ...arms), 'linux/arm/v6');
  t.is(select('linux/arm/v8', ...arms), 'linux/arm/v7');
  t.is(select('linux/amd64', ...arms), undefined);
  t.is(select('linux/amd64', member('linux/amd64', { 'vnd.docker.reference.type': 'attestation-manifest' })), undefined);
  t.is(select('linux/amd64', { mediaType: 'm', digest: digestOf(Buffer.from('')), size: 1 }), undefined);
});

test('one half of a platform goes with the other one of this machine, as for Docker', t => {
  const { os, architecture, variant } = hostPlatform();
  t.deepEqual(parsePlatform('linux'), { os: 'linux', architecture, ...(variant && { variant }) });
  t.deepEqual(parsePlatform('S390X'), { os, architecture: 's390x' });
  t.deepEqual(parsePlatform('armhf'), { os, architecture: 'arm', variant: 'v7' });
});

test('the version of the system, in brackets, chooses among images that differ in it alone', t => {
  const [old, fresh] = ['10.0.17763.5329', '10.0.20348.2227'].map((version): Descriptor => ({ mediaType: 'm', digest: digestOf(Buffer.from(version)), size: 1, platform: { os: 'windows', architecture: 'amd64', 'os.version': version } }));
  const both = [old, fresh] as const as readonly Descriptor[];
  t.is(selectPlatform(both, parsePlatform('windows(10.0.20348)/amd64')), fresh);
  t.is(selectPlatform(both, parsePlatform('windows(10.0.17763.1)/amd64')), old);
  t.is(selectPlatform(both, parsePlatform('windows(10.0.1)/amd64')), undefined);
  t.is(formatPlatformFully(both[1]?.platform as Platform), 'windows(10.0.20348.2227)/amd64');
  t.deepEqual(parsePlatform('windows(10.0.20348.2227)/amd64'), both[1]?.platform);
});

test('the host platform has Go\'s names', t => {
  t.regex(formatPlatform(hostPlatform()), /^(?:linux|windows)\/(?:amd64|arm64|arm\/v7|386|ppc64le|s390x|riscv64|loong64)$/);
});
