import { appendFileSync, chmodSync, chownSync, copyFileSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { dockerParts, named } from '../helpers/archive-parts.js';
import { containerListing } from '../helpers/container-listing.js';
import { docker, startDockerd, type Dockerd } from '../helpers/dockerd.js';
import { inspect } from '../helpers/facts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { layerEntries, type LayerEntry } from '../helpers/layer-entries.js';
import { runOrThrow } from '../helpers/run.js';

let work: Workspace;
let engine: Dockerd;

const at = (): { env: Record<string, string> } => ({ env: { DOCKER_HOST: engine.host } });
const listing = (image: string): Promise<readonly string[]> => containerListing(engine.host, image, work.folder);

interface EngineConfig {
  readonly [field: string]: unknown;
}

async function configOf(image: string): Promise<EngineConfig> {
  const { Hostname: _, Domainname: __, Image: ___, ArgsEscaped: ____, ...rest } = JSON.parse(await docker(engine.host, ['image', 'inspect', '--format', '{{json .Config}}', image])) as EngineConfig;
  return rest;
}

test.before(async () => {
  work = await createWorkspace();
  engine = await startDockerd();
  const root = work.path('rootfs');
  for (const folder of ['bin', 'etc', 'data/deep', 'closed']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  linkSync(join(root, 'bin/busybox'), join(root, 'bin/sh'));
  symlinkSync('busybox', join(root, 'bin/true'));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'data/ünïcode'), 'grüße\n');
  writeFileSync(join(root, `data/${'long'.repeat(50)}`), 'a long name\n');
  writeFileSync(join(root, 'data/deep/one'), 'one');
  linkSync(join(root, 'data/deep/one'), join(root, 'data/two'));
  writeFileSync(join(root, 'data/gone'), 'gone');
  chownSync(join(root, 'data/deep'), 1000, 3_000_000);
  chmodSync(join(root, 'data/deep/one'), 0o4751);
  chmodSync(join(root, 'closed'), 0o1700);
  await runOrThrow('mkfifo', [join(root, 'data/pipe')]);
  await runOrThrow('mknod', [join(root, 'data/null'), 'c', '1', '3']);
  await runOrThrow('tar', ['-C', root, '--format=posix', '--numeric-owner', '-cf', work.path('rootfs.tar'), '.']);
});

test.after.always(async () => {
  await engine?.stop();
  await work?.remove();
});

const CHANGES: readonly (readonly string[])[] = [
  ['CMD ["/bin/sh", "-c", "echo a b"]', 'ENTRYPOINT ["/bin/busybox"]'],
  ['CMD echo $HOME "quoted  spaces"', 'USER 1000:1000', 'WORKDIR /srv'],
  // STOPSIGNAL came to --change after 20.10.
  ['ENTRYPOINT exec app --flag', 'WORKDIR relative/path'],
  ['ENV A=1 B="two words" C=three\\ words', "ENV D='$A' E=$A F=${B} G=${X:-default} H=${A:+set}", 'ENV I the rest of it', 'ENV J="a\\"b\\$c"', 'ENV A=again K=""'],
  ['LABEL one=1 "two words"="x y" three=\'$A\'', 'LABEL org.example.long="a \\\nb"', 'LABEL four the rest'],
  ['EXPOSE 80 53/udp 7000-7002/tcp', 'EXPOSE 9/SCTP 127.0.0.1:8080:81'],
  ['VOLUME ["/a b", "/c"]', 'VOLUME /x /y', 'ENV V=/from/env', 'VOLUME $V', 'USER $V', 'EXPOSE ${P:-99}'],
  ['HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=2s --retries=3 CMD curl -f "http://x" || exit 1'],
  ['HEALTHCHECK CMD ["/bin/true", "a"]'],
  ['HEALTHCHECK NONE'],
  ['ONBUILD RUN make all', 'onbuild COPY . /app', 'CMD []'],
  ["CMD ['not', 'json']", 'WORKDIR /a', 'WORKDIR b/../c', 'WORKDIR /d/'],
];

test.serial('import -c makes the config that docker import -c makes', async (t) => {
  for (const [i, changes] of CHANGES.entries()) {
    const flags = changes.flatMap((change) => ['-c', change]);
    await docker(engine.host, ['import', ...flags, work.path('rootfs.tar'), `theirs:${i}`]);
    await work.ok(['import', 'rootfs.tar', `ours:${i}`, ...flags, '--compress', 'none']);
    await work.ok(['copy', `ours:${i}`, 'docker-daemon:'], at());
    t.deepEqual(await configOf(`ours:${i}`), await configOf(`theirs:${i}`), changes.join(' / '));
  }
});

test.serial('what docker import refuses of changes is refused', async (t) => {
  for (const change of ['RUN x', 'FROM y', 'ENV', 'ENV A', 'ENV A="open', 'EXPOSE http', 'EXPOSE 70000', 'HEALTHCHECK RUN x', 'HEALTHCHECK --retries=0 CMD x', 'ONBUILD FROM x', 'ONBUILD ONBUILD RUN x', 'USER', 'VOLUME', 'LABEL x', 'ENV A=${B', 'VOLUME [""]', 'CMD [1]', 'CMD ["a", ["b"]]', 'CMD --port 80', 'ENV --x=y a=b', 'EXPOSE "80 81"', 'EXPOSE host:80']) {
    t.is((await work.imgkit(['import', 'rootfs.tar', 'refused:1', '-c', change])).code, 2, change);
    await t.throwsAsync(docker(engine.host, ['import', '-c', change, work.path('rootfs.tar'), 'refused:1']), undefined, change);
  }
});

test.serial('an imported tar or folder shows in a container what docker import shows', async (t) => {
  await docker(engine.host, ['import', work.path('rootfs.tar'), 'shown:theirs']);
  await work.ok(['import', 'rootfs.tar', 'shown:tar']);
  await work.ok(['import', 'rootfs', 'shown:folder']);
  for (const name of ['shown:tar', 'shown:folder']) await work.ok(['copy', name, 'docker-daemon:'], at());
  const theirs = await listing('shown:theirs');
  t.deepEqual(await listing('shown:tar'), theirs);
  t.deepEqual(await listing('shown:folder'), theirs);
});

test.serial('committed: the engine shows exactly the folder; whiteouts and hard links included', async (t) => {
  await work.ok(['import', 'rootfs.tar', 'commit:base', '-c', 'ENV A=1']);
  await runOrThrow('cp', ['-a', work.path('rootfs'), work.path('edited')]);
  const root = work.path('edited');
  rmSync(join(root, 'data/gone'));
  rmSync(join(root, 'closed'), { recursive: true });
  writeFileSync(join(root, 'closed'), 'a file now');
  linkSync(join(root, 'data/deep/one'), join(root, 'data/three'));
  appendFileSync(join(root, 'etc/passwd'), 'me:x:1:1::/:/bin/sh\n');
  chmodSync(join(root, 'data/deep'), 0o2711);
  rmSync(join(root, 'data/two'));
  writeFileSync(join(root, 'data/two'), 'one');
  symlinkSync('/etc', join(root, 'new-link'));
  await runOrThrow('tar', ['-C', root, '--format=posix', '--numeric-owner', '-cf', work.path('edited.tar'), '.']);
  await docker(engine.host, ['import', work.path('edited.tar'), 'commit:expected']);
  const expected = await listing('commit:expected');
  for (const [name, rootfs] of [['commit:tar', 'edited.tar'], ['commit:folder', 'edited']] as const) {
    await work.ok(['commit', '--base', 'commit:base', '--rootfs', rootfs, name, '-a', 'me', '-m', 'why', '-c', 'LABEL x=y']);
    await work.ok(['copy', name, 'docker-daemon:'], at());
    t.deepEqual(await listing(name), expected, name);
    t.like(await configOf(name), { Env: ['A=1'], Labels: { x: 'y' } });
    t.is((await inspect(work, name)).layers.length, 2);
  }
  await work.ok(['append', 'commit:tar', 'commit:three', '--layer', 'edited']);
  await work.ok(['squash', 'commit:three', 'commit:squashed', '--from', '2']);
  await work.ok(['copy', 'commit:squashed', 'docker-daemon:'], at());
  t.deepEqual(await listing('commit:squashed'), expected);
});

test.serial('what verify notes of a layer by itself docker load refuses, and of the user -1 it makes root', async (t) => {
  const noted = async (name: string, ...entries: readonly (LayerEntry | string)[]): Promise<string> => {
    writeFileSync(work.path(`${name}.tar`), pack(dockerParts('skopeo', [named(image(name, { layers: [layer(layerEntries(...entries))] }), `${name}:1`)])));
    const stdout = await work.ok(['verify', `${name}.tar`]);
    return stdout.split('\n').filter((line) => line.startsWith('note   layer-structure')).join('\n');
  };
  const load = (name: string): Promise<string> => docker(engine.host, ['load', '--input', work.path(`${name}.tar`)]);
  t.regex(await noted('twice', 'a/', 'a/f:1', './a/'), /twice/);
  await t.throwsAsync(load('twice'), { message: /duplicates of file paths/ });
  t.regex(await noted('below', 'a:1', 'a/f:1'), /no folder/);
  await t.throwsAsync(load('below'), { message: /not a directory/ });
  t.regex(await noted('outside', 'a = b'), /leads to "b"/);
  await t.throwsAsync(load('outside'), { message: /no such file/ });
  for (const [name, uid] of [['none', 2 ** 32 - 1], ['wrapped', 2 ** 32]] as const) {
    t.regex(await noted(name, { path: 'a', mode: 0o4755, uid }), /no system has/);
    await load(name);
    t.regex((await listing(`${name}:1`)).join('\n'), /^-rwsr-xr-x +0\/0 .* a$/m);
  }
});

test.serial('edited, appended and rebased images load, and show what was put in', async (t) => {
  mkdirSync(work.path('layer/opt'), { recursive: true });
  writeFileSync(work.path('layer/opt/added'), 'added');
  writeFileSync(work.path('layer/.wh.data'), '');
  await work.ok(['import', 'rootfs.tar', 'made:base']);
  await work.ok(['append', 'made:base', 'made:appended', '--layer', 'layer', '--owner', '0:0']);
  await work.ok(['edit', 'made:appended', 'made:edited', '--env', 'A=b c', '--label', 'l=v', '--entrypoint', '["/bin/busybox"]', '--cmd', '["cat", "/opt/added"]', '--user', '0:0']);
  await work.ok(['import', 'rootfs.tar', 'made:newbase', '--exclude', 'data/pipe', '-c', 'ENV BASE=2']);
  await work.ok(['rebase', 'made:edited', 'made:rebased', '--old-base', 'made:base', '--new-base', 'made:newbase']);
  for (const name of ['made:edited', 'made:rebased']) {
    await work.ok(['copy', name, 'docker-daemon:'], at());
    t.like(await configOf(name), { Cmd: ['cat', '/opt/added'], Entrypoint: ['/bin/busybox'], Labels: { l: 'v' }, User: '0:0' });
    const paths = (await listing(name)).join('\n');
    t.regex(paths, /opt\/added/);
    t.notRegex(paths, / data\/deep/);
  }
  t.deepEqual((await configOf('made:rebased'))['Env'], ['BASE=2', 'A=b c']);
  const history = await docker(engine.host, ['history', '--no-trunc', '--format', '{{.CreatedBy}}', 'made:edited']);
  t.regex(history, /^ENV A=b c; LABEL l=v; USER 0:0; CMD \["cat", "\/opt\/added"\]; ENTRYPOINT \["\/bin\/busybox"\]\nimgkit append --layer layer\nimgkit import\n$/);
});

test.serial('extract makes what umoci unpack makes: content, mode, owner, links', async (t) => {
  await work.ok(['import', 'rootfs.tar', 'oci:layout:base', '-c', 'CMD ["/bin/sh"]']);
  await work.ok(['commit', '--base', 'oci:layout:base', '--rootfs', 'edited', 'oci:layout:app']);
  await runOrThrow('umoci', ['unpack', '--image', `${work.path('layout')}:app`, work.path('bundle')]);
  await work.ok(['extract', 'oci:layout:app', '--to', 'extracted', '--preserve-owner']);
  const describe = async (root: string): Promise<readonly string[]> => {
    const listed = await runOrThrow('find', ['.', '-mindepth', '1', '-printf', '%p|%y|%m|%U:%G|%n|%l|%Ts|%s\n'], { cwd: root });
    const contents = await runOrThrow('sh', ['-c', 'find . -type f -exec sha256sum {} +'], { cwd: root });
    // Sizes of folders are the file system's own.
    return [...listed.trimEnd().split('\n').map((line) => (line.includes('|d|') ? line.replace(/\|\d+$/, '') : line)), ...contents.trimEnd().split('\n')].sort();
  };
  t.deepEqual(await describe(work.path('extracted')), await describe(work.path('bundle/rootfs')));
  t.is((await runOrThrow('stat', ['-c', '%t:%T', work.path('extracted/data/null')])).trim(), '1:3');
});
