import test from 'ava';
import { commands, isCommandName } from '../../cli/commands.js';
import { parseCommand } from '../../cli/parse-command.js';
import { plainArguments } from '../../cli/plain-arguments.js';

const CALLS = [
  'list', 'list app.tar', 'list --json app.tar', 'list --store /tmp/s --no-trunc', 'list --store=/tmp/s',
  'save app:1 -o app.tar', 'save a b c -o app.tar --format docker', 'save a --output - --compress gzip --compress-level fast --force',
  'load', 'load - --into docker-daemon:', 'load x.tar --progress json -q', 'copy a.tar oci:b --all-platforms', 'inspect a.tar --raw',
  'history a --no-trunc', 'digest a', 'verify a.tar --expect sha256:00', 'tag a b', 'tag --semver a:1.2.3 --latest', 'rm a b', 'gc --dry-run', 'edit a b -e A=1 --env B=2 --user 1', 'import rootfs.tar x:1 -c CMD', 'append a b --layer x -f y --owner 0:0', 'extract a p q --to d --preserve-owner',
  'commit --base a --rootfs d n', 'squash a b --from 2', 'rebase a b --old-base c --new-base d',
];

for (const call of CALLS) {
  test(`yargs takes it the same way: imgkit ${call}`, async (t) => {
    const [name = '', ...words] = call.split(' ');
    if (!isCommandName(name)) return t.fail();
    const command = await commands[name]();
    const plain = plainArguments(command, words);
    const full = await parseCommand(command, words);
    if (plain === undefined || full.kind !== 'run') return t.fail(`plain: ${String(plain)}, yargs: ${full.kind}`);
    for (const key of [...Object.keys(command.options), ...Object.keys(command.positionals)]) t.deepEqual(plain[key], full.args[key], key);
  });
}

test('what yargs would misread: a value behind a short option, an operand that looks like an option', async (t) => {
  t.is(plainArguments(await commands.save(), ['a', '-oapp.tar'])?.['output'], 'app.tar');
  t.is(plainArguments(await commands.list(), ['--', '-odd.tar'])?.['location'], '-odd.tar');
});

for (const word of ['--dry-run=yes', '--dry-run=1', '--dry-run=', '--json=on', '-q=yes', '--help=false', '-h=1']) {
  test(`a switch with a value is refused, not taken for the opposite: ${word}`, async (t) => {
    const command = await commands.gc();
    t.is(plainArguments(command, [word]), undefined);
    await t.throwsAsync(parseCommand(command, [word]), { code: 'usage', message: /is a switch/ });
  });
}

test('-o=FILE means what it means to other tools', async (t) => {
  const command = await commands.save();
  t.is(plainArguments(command, ['a', '-o=app.tar']), undefined);
  const request = await parseCommand(command, ['a', '-o=app.tar']);
  t.is(request.kind === 'run' && request.args['output'], 'app.tar');
});

for (const call of ['list --jsn', 'list a b', 'save a', 'save -o x', 'copy a', 'list --store', 'list --progress loud', 'list -h', 'list --store a --store b', 'copy a b --platform linux/arm64 --all-platforms', 'list --store=', 'tag a --latest', 'trust lsit d', 'completion csh']) {
  test(`left to yargs: imgkit ${call}`, async (t) => {
    const [name = '', ...words] = call.split(' ');
    if (!isCommandName(name)) return t.fail();
    t.is(plainArguments(await commands[name](), words), undefined);
  });
}
