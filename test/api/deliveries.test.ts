import test, { type ExecutionContext } from 'ava';
import { planDeliveries } from '../../src/api/deliveries.js';
import { Session } from '../../src/api/session.js';
import { parseLocation } from '../../src/image/location.js';
import type { Selection } from '../../src/operations/selection.js';
import { named, ociParts, type NamedRoot } from '../helpers/archive-parts.js';
import { artifact, image, layer, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const app = image('app');
const other = image('other', { layers: [layer('other')] });
const signature = artifact('application/x-signature', 'signed', other.descriptor);
let count = 0;

/** What goes where, as `TARGET: digest names`, when all of `archives` go to `to`. */
function plan(to: string, ...archives: readonly (readonly NamedRoot[])[]): Promise<readonly string[]> {
  return Session.run({}, async (session) => {
    const selections: Selection[] = [];
    for (const roots of archives) {
      const { source } = await session.open(await scratch.write(`plan${(count += 1)}.tar`, pack(ociParts(roots))), { referrers: true });
      for (const root of source.roots) selections.push({ source, root, names: root.names, refName: root.refName, meant: root.descriptor.digest !== signature.descriptor.digest });
    }
    const deliveries = await planDeliveries(selections, parseLocation(to), session.limits);
    return deliveries.flatMap(({ target, selections: sent }) => sent.map(({ root, names }) => `${target.text}: ${label(root.descriptor.digest)} ${names.join(' ')}`.trim()));
  });
}

function label(digest: string): string | undefined {
  return new Map([[app.descriptor.digest, 'app'], [other.descriptor.digest, 'other'], [signature.descriptor.digest, 'signature']]).get(digest);
}

async function refused(t: ExecutionContext, message: RegExp, to: string, ...archives: readonly (readonly NamedRoot[])[]): Promise<void> {
  t.regex((await t.throwsAsync(plan(to, ...archives), { code: 'usage' })).message, message);
}

const both = [named(app, 'docker.io/library/app:1'), named(other, 'quay.io/team/other:2'), named(signature)];

test('one transfer takes all to a place that holds several images', async (t) => {
  t.deepEqual(await plan('x.tar', both), ['x.tar: app docker.io/library/app:1', 'x.tar: other quay.io/team/other:2', 'x.tar: signature']);
});

test('under a host, each name gets its own, with what is about it', async (t) => {
  t.deepEqual(await plan('docker://h:5000/m/', both), [
    'docker://h:5000/m/library/app:1: app h:5000/m/library/app:1',
    'docker://h:5000/m/team/other:2: other h:5000/m/team/other:2', 'docker://h:5000/m/team/other:2: signature',
  ]);
});

test('without a host, each goes to the registry of its name', async (t) => {
  t.deepEqual(await plan('docker://', both), [
    'docker://docker.io/library/app:1: app docker.io/library/app:1',
    'docker://quay.io/team/other:2: other quay.io/team/other:2', 'docker://quay.io/team/other:2: signature',
  ]);
});

test('what two sources or two names share is pushed once, with all that either has about it', async (t) => {
  const twice = [named(other, 'a.example/other:2')];
  t.deepEqual(await plan('docker://h.example/', twice, [named(other, 'b.example/other:2'), named(signature)]), [
    'docker://h.example/other:2: other h.example/other:2', 'docker://h.example/other:2: signature',
  ]);
});

test('two images of one name there, or one without, are refused before anything is pushed', async (t) => {
  await refused(t, /a\.example\/x:1 of .*plan\d+\.tar and b\.example\/x:1 of .* would both be h\.example\/x:1 there/, 'docker://h.example/', [named(app, 'a.example/x:1'), named(other, 'b.example/x:1')]);
  await refused(t, /has no name.*docker:\/\/HOST\/NAME:TAG/, 'docker://h.example/', [named(app)]);
  await refused(t, /names one image, but 2 would be moved/, 'docker://h.example/x:1', both);
});
