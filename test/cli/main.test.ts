import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { commands } from '../../cli/commands.js';
import { imgkit, widest } from './helpers.js';

const names = Object.keys(commands);

test('--version is that of package.json, and all there is on stdout', async (t) => {
  const file = fileURLToPath(new URL('../../../package.json', import.meta.url));
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { readonly version: string };
  t.deepEqual(await imgkit(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help names every command in 80 columns', async (t) => {
  const { code, stdout, stderr } = await imgkit(['--help']);
  t.is(code, 0);
  t.is(stderr, '');
  for (const name of names) t.regex(stdout, new RegExp(`^  ${name} +\\S`, 'm'));
  t.true(widest([stdout]) <= 80);
});

test('no command: the help on stderr, exit 2', async (t) => {
  const { code, stdout, stderr } = await imgkit([]);
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /^Move images/m);
});

for (const name of names) {
  test(`${name} --help: purpose, two examples, 80 columns`, async (t) => {
    const { code, stdout, stderr } = await imgkit([name, '--help']);
    t.is(code, 0, stderr);
    t.is(stderr, '');
    t.is(stdout.split('\n')[0]?.startsWith(`imgkit ${name}`), true);
    t.true((stdout.split('Examples:')[1]?.match(/^ {2}# /gm)?.length ?? 0) >= 2);
    t.true(widest([stdout]) <= 80, stdout);
    t.regex(stdout, /--json/);
  });
}

test('help COMMAND is COMMAND --help', async (t) => {
  t.deepEqual(await imgkit(['help', 'save']), await imgkit(['save', '--help']));
});

const usageErrors: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['lst'], /Unknown command "lst"\. Did you mean "list"\?/],
  [['frobnicate'], /Unknown command "frobnicate"\. See: imgkit --help/],
  [['__proto__'], /Unknown command/],
  [['--quiet', 'list'], /options come after the command/],
  [['list', '--jsn'], /Unknown option "--jsn"\. Did you mean "--json"\?/],
  [['list', '--no-json'], /Unknown option "--no-json"/],
  [['list', '-x'], /Unknown option "-x"/],
  [['list', '-x.tar'], /Unknown option "-x\.tar"\. A file of that name is written \.\/-x\.tar/],
  [['LIST'], /Did you mean "list"/],
  [['extract', 'a', '--to', '-'], /imgkit export/],
  [['list', 'a', 'b'], /Unexpected argument "b"/],
  [['save', 'app:1'], /--output must be given \(- is standard output\)\. See/],
  [['save', '-o', 'x'], /Too few arguments; needed: <image\.\.>/],
  [['encrypt', 'x', '--format', 'oci', '-o', 'y'], /--format oci is for --layers; a file is encrypted as age or cms/],
  [['encrypt', '--layers', 'x', 'y', '--format', 'cms'], /--format cms is for files/],
  [['encrypt', '--layers', 'x', '-r', 'k'], /what the result is called/],
  [['encrypt', '--layers', 'x', 'y', '-o', 'z', '-r', 'k'], /Both "y" and -o say where the image goes/],
  [['encrypt', 'x', '--format', 'cms', '--passphrase-file', 'p', '-o', 'y'], /encrypted for certificates only/],
  [['save', 'app:1', '-o'], /--output needs a value/],
  [['copy', 'a'], /Too few arguments; needed: <from> <to>/],
  [['copy', 'a', 'b', '--format', 'zip'], /--format: "zip" is not one of "hybrid", "oci", "docker"/],
  [['copy', 'a', 'b', '--platform', 'x/y', '--all-platforms'], /exclude each other/],
  [['copy', 'a', 'b', '--platform', 'x/y', '--all'], /exclude each other/],
  [['copy', 'a', 'b', '--platform', 'x/y', '--platform', 'x/z'], /--platform is given more than once/],
  [['copy', 'a', 'b', '--compress-level', '0'], /neither 1 to 22 nor "fast"/],
  [['copy', 'a', 'b', '--compress', 'gzip', '--compress-level', '10'], /neither 1 to 9 nor "fast"/],
  [['files', 'a', '--wasted', '--tree'], /exclude each other/],
  [['files', 'a', '/etc', '--wasted'], /whole image; leave out the path/],
  [['inspect', 'a', '--raw', '--config'], /exclude each other/],
  [['tag', 'a'], /Two names are needed/],
  [['login', 'registry.example', '--mirror', 'x'], /Unknown option "--mirror"/],
  [['login', 'registry.example', '--ssh-key', 'x'], /Unknown option "--ssh-key"/],
  [['sign', 'a.tar', '--key', 'k', '--reference', 'app:1'], /--reference is the name that an image is signed for/],
  [['trust', 'list', 'd', 'x'], /Unexpected argument "x"/],
  [['trust', 'remove', 'd', 'x', '--as-owner'], /--as-owner is for imgkit trust add/],
  [['trust', 'add', 'd', 'x', '--at', '2026-01-01'], /--at is for imgkit trust check/],
  [['gc', '--store', ''], /--store is empty; perhaps a variable is not set/],
  [['load', ''], /<file> is empty/],
  [['save', '--', 'app:1', '-o', 'a.tar'], /Behind -- there are no options: write "-o" before it/],
  [['save', '--', 'app:1'], /--output must be given/],
  [['list', '--', '--json'], /^imgkit: "--json" is not an image name/],
  [['extract', 'a.tar', '', '--to', 'x'], /<path> is empty; perhaps a variable is not set/],
  [['send', 'a.tar', 'me@drop:pub/'], /such as sftp:\/\/HOST\/PATH\//],
  [['load', 'a', '--key', ''], /--key is empty/],
  [['tag', 'a', '--semver', 'b:1.2.3'], /leave out "a"/],
  [['tag', 'a', 'b', '--latest'], /semver/],
];

for (const [args, message] of usageErrors) {
  test(`imgkit ${args.join(' ')}: exit 2 and a sentence on stderr`, async (t) => {
    const { code, stdout, stderr } = await imgkit(args);
    t.is(code, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, message);
    t.is(stderr.trimEnd().split('\n').length, 1);
  });
}

test('--json: an error is a document on stderr, and stdout stays empty', async (t) => {
  const { code, stdout, stderr } = await imgkit(['list', '--json', '--jsn']);
  t.is((await imgkit(['list', '--json=true', '--jsn'])).stderr, stderr);
  t.is(code, 2);
  t.is(stdout, '');
  const document = JSON.parse(stderr) as { readonly schemaVersion: number; readonly error: { readonly code: string } };
  t.is(document.schemaVersion, 1);
  t.is(document.error.code, 'usage');
});

test('IMGKIT_DEBUG=1 adds the stack', async (t) => {
  t.notRegex((await imgkit(['lst'])).stderr, /^ +at /m);
  t.regex((await imgkit(['lst'], { env: { IMGKIT_DEBUG: '1' } })).stderr, /^ +at /m);
});

test('control characters of an argument do not reach the terminal', async (t) => {
  const { stderr } = await imgkit(['list', 'a', '\u001b[2Jb']);
  t.regex(stderr, /\\x1b\[2Jb/);
});
