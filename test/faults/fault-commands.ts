import { access, copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { exportImage, verify } from '../../src/index.js';
import { controlFolder } from '../../src/store/control-folder.js';
import { writeLease } from '../../src/store/lease-file.js';
import { newPartPath } from '../../src/content/part-file.js';
import { newNonce } from '../../src/content/process-identity.js';
import { fileSha256 } from '../helpers/imgkit.js';
import type { FaultLab } from './fault-lab.js';

/** One command that writes, and what must hold after it was hit anywhere. */
export interface FaultCommand {
  readonly name: string;
  readonly args: readonly string[];
  /** Puts back what the command starts from. */
  readonly reset: () => Promise<void>;
  /** After any end: final names are absent, or right. Throws with the problem. */
  readonly check: () => Promise<void>;
  /** After a run that says it succeeded: the result is there. */
  readonly done: () => Promise<void>;
}

/** Makes keys and inputs in `lab`, whose archive should be small, and the commands that work on them. */
export async function faultCommands(lab: FaultLab): Promise<readonly FaultCommand[]> {
  const { input, output, path } = lab;
  const [source, rootfs, sealed] = [path('source'), path('rootfs'), path('sealed.age')];
  await mkdir(source);
  await copyFile(input, join(source, 'input.tar'));
  const digest = await fileSha256(input);
  await writeFile(join(source, 'input.tar.sha256'), `${digest.slice('sha256:'.length)}  input.tar\n`);
  await mkdir(rootfs);
  for (const name of ['a', 'b']) await writeFile(join(rootfs, name), `${name}\n`.repeat(3000));
  const keys = (name: string): string => join(path('keys'), name);
  for (const type of ['minisign', 'age']) await lab.ok(['keygen', '--type', type, '-o', path('keys')]);
  const recipient = (await readFile(keys('age.agepub'), 'utf8')).trim();
  const identity = keys('age.agekey');
  await lab.ok(['encrypt', input, '-o', sealed, '-r', recipient]);
  await exportImage({ location: input, output: path('exported.tar') });
  const exported = await fileSha256(path('exported.tar'));

  /** Files of others that look like leftovers of ours; the second is a part that a running process, this one, writes. No run may touch them. */
  const bystanders = ['.app.tar.0123456789ab.part', basename(await newPartPath(join(output, 'out.tar')))].map((name) => join(output, name));
  const emptyOutput = async (): Promise<void> => {
    await rm(output, { recursive: true, force: true });
    await mkdir(output);
    for (const file of bystanders) await writeFile(file, 'not ours');
  };
  const exists = (file: string): Promise<boolean> => access(file).then(() => true, () => false);
  // Here, not as a process: this runs several times for every call.
  const verified = async (target: string): Promise<void> => {
    const { ok, findings } = await verify({ target, storeFolder: lab.store });
    if (!ok) throw new Error(`${target} does not verify: ${JSON.stringify(findings)}`);
  };
  const toFile = (name: string, args: readonly string[], file: string, right: (file: string) => Promise<void>): FaultCommand => ({
    name, args, reset: emptyOutput,
    check: async () => {
      for (const other of bystanders) await access(other);
      if (await exists(file)) await right(file);
    },
    done: () => right(file),
  });
  const has = (expected: string) => async (file: string): Promise<void> => {
    const found = await fileSha256(file);
    if (found !== expected) throw new Error(`${file} is there and has ${found}`);
  };
  const same = has(digest);
  const opens = async (file: string): Promise<void> => {
    await lab.ok(['decrypt', file, '-o', path('opened.tar'), '--identity', identity]);
    await same(path('opened.tar'));
  };
  const emptyHome = (): Promise<void> => rm(lab.home, { recursive: true, force: true });
  const inStore = (name: string, args: readonly string[]): FaultCommand => ({
    name, args, reset: emptyHome,
    check: async () => {
      if (await exists(join(lab.store, 'index.json'))) await verified('store:');
    },
    done: () => verified('store:'),
  });
  const used = await usedStore(lab);
  const out = join(output, 'out.tar');
  const signed = join(output, 'input.tar');
  const proven = async (): Promise<void> => void (await lab.ok(['verify', signed, '--minisign', keys('minisign.pub')]));
  return [
    toFile('save', ['save', input, '-o', out], out, verified),
    toFile('save compressed', ['save', input, '-o', `${out}.gz`], `${out}.gz`, verified),
    inStore('load', ['load', input]),
    toFile('copy', ['copy', input, `oci:${output}/layout`], join(output, 'layout/index.json'), () => verified(`oci:${output}/layout`)),
    toFile('send', ['send', input, `file://${output}/`], join(output, 'input.tar'), same),
    toFile('fetch', ['fetch', `file://${source}/input.tar`, '-o', `${output}/`], join(output, 'input.tar'), same),
    {
      ...inStore('import', ['import', rootfs, 'made:1']),
      reset: async () => {
        await emptyHome();
        await cp(used.home, lab.home, { recursive: true });
      },
      check: async () => {
        for (const file of used.bystanders) await access(join(lab.home, file));
        await verified('store:');
      },
    },
    toFile('commit', ['commit', out, '--base', input, '--rootfs', rootfs], out, verified),
    {
      ...toFile('sign', ['sign', signed, '--key', keys('minisign.key')], `${signed}.sha256.minisig`, proven),
      reset: async () => {
        await emptyOutput();
        await copyFile(input, signed);
      },
    },
    toFile('encrypt', ['encrypt', input, '-o', `${out}.age`, '-r', recipient], `${out}.age`, opens),
    toFile('decrypt', ['decrypt', sealed, '-o', out, '--identity', identity], out, same),
    toFile('export', ['export', input, '-o', out], out, has(exported)),
    toFile('squash', ['squash', input, out, '--from', '2'], out, verified),
  ];
}

/** A store with an image in it, which another process that lives (this one) writes to: what is under its lease is not ours. */
async function usedStore(lab: FaultLab): Promise<{ readonly home: string; readonly bystanders: readonly string[] }> {
  const home = lab.path('used');
  await lab.ok(['load', lab.input], { env: { IMGKIT_HOME: home } });
  const control = controlFolder(join(home, 'store'), { permanent: true });
  const nonce = newNonce();
  await writeLease(control, nonce, []);
  await writeFile(join(control.ingest, `${nonce}-1`), 'half a blob');
  return { home, bystanders: [`store/.imgkit/leases/${nonce}.json`, `store/.imgkit/ingest/${nonce}-1`] };
}
