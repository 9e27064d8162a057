import { join } from 'node:path';
import type { Job } from './jobs.js';
import type { BenchPlaces } from './layer-jobs.js';

/** The jobs that sign, verify, encrypt and decrypt. Keys are made once, by the tools that receivers have. */
export function trustJobs({ image, work, cli }: BenchPlaces): readonly Job[] {
  const at = (name: string): string => join(work, name);
  const [docker, oci, ociTar, hybrid] = [join(image, 'docker.tar'), join(image, 'oci'), join(image, 'oci.tar'), at('hybrid.tar')];
  const keys = at('keys');
  const quiet = ['--quiet', '--progress', 'none'] as const;
  const imgkit = (...args: string[]): readonly string[] => [process.execPath, cli, ...args, ...quiet];
  const load = (...args: string[]): readonly string[] => imgkit('load', ...args, '--store', at('store'));
  const shell = (script: string): readonly string[] => ['bash', '-ec', script];
  const said = (command: readonly string[]): string => command.map((word) => `'${word}'`).join(' ');

  const makeKeys = `[ -e ${keys}/age.pub ] || { mkdir -p ${keys}
    ssh-keygen -q -t ed25519 -N '' -f ${keys}/ssh; ${said(imgkit('keygen', '--type', 'cosign', '-o', keys))} >/dev/null
    ${said(imgkit('trust', 'add', `${keys}/trust`, `${keys}/ssh.pub`, `${keys}/cosign.pub`, '--identity', 'bench'))} >/dev/null
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out ${keys}/rsa.key; chmod 600 ${keys}/rsa.key; openssl pkey -in ${keys}/rsa.key -pubout -out ${keys}/rsa.pub
    age-keygen -o ${keys}/age.key 2>/dev/null; age-keygen -y ${keys}/age.key >${keys}/age.pub; }`;
  const needs = (file: string, script: string): NonNullable<Job['needs']> => ({ file, made: shell(`${makeKeys}\n${script}`) });
  const link = (name: string, target: string): string => `ln -sf ${target} ${at(name)}`;
  const signed = (name: string): string => `${said(imgkit('sign', at(name), '--key', `${keys}/ssh`))} >/dev/null`;
  const store = at('signed-store');
  const signImage = [imgkit('load', hybrid, '--store', store), imgkit('sign', 'store:bench:1.4', '--key', `${keys}/cosign.key`, '--store', store), imgkit('save', 'store:bench:1.4', '-o', at('signed-image.tar'), '--store', store)].map((command) => `${said(command)} >/dev/null`).join('\n');

  const [ours, peer] = [at('ours'), at('peer')];
  const [statement, signature] = [at('sign.tar.sha256'), at('sign.tar.sha256.sig')];
  const outputs = [ours, peer, at('store')];
  const openssl = ['openssl', 'dgst', '-sha256', docker] as const;
  const against = 'openssl dgst -sha256';
  const verifySignature = `const { verifySignature } = await import(${JSON.stringify(join(cli, '../../../lib/index.js'))}); await verifySignature({ file: ${JSON.stringify(at('verify.tar'))}, trust: ${JSON.stringify(`${keys}/trust`)} });`;
  const trust = ['--trust', `${keys}/trust`];
  const skopeo = (...args: string[]): readonly string[] => ['skopeo', '--insecure-policy', 'copy', '-q', ...args];
  return [
    { name: 'sign a file', ours: imgkit('sign', at('sign.tar'), '--key', `${keys}/ssh`), peer: openssl, against, atMost: 1.15, outputs: [statement, signature], needs: needs(at('sign.tar'), link('sign.tar', docker)) },
    { name: 'verify the signature of a file', ours: [process.execPath, '--input-type=module', '-e', verifySignature], peer: openssl, against, atMost: 1.15, outputs: [], needs: needs(at('verify.tar'), `${link('verify.tar', docker)}\n${signed('verify.tar')}`) },
    { name: 'verify a signed archive: the file, then all in it', ours: imgkit('verify', at('all.tar'), ...trust), peer: openssl, against, atMost: 1.15, outputs: [], needs: needs(at('all.tar'), `${link('all.tar', docker)}\n${signed('all.tar')}`) },
    { name: 'age: encrypt', ours: imgkit('encrypt', docker, '-R', `${keys}/age.pub`, '-o', ours), peer: ['age', '-R', `${keys}/age.pub`, '-o', peer, docker], against: 'age', atMost: 1 / 0.7, mostPeakMb: 120, outputs, needs: needs(`${keys}/age.pub`, 'true') },
    { name: 'age: decrypt', ours: imgkit('decrypt', at('app.age'), '--identity', `${keys}/age.key`, '-o', ours), peer: ['age', '-d', '-i', `${keys}/age.key`, '-o', peer, at('app.age')], against: 'age -d', atMost: 1 / 0.7, mostPeakMb: 120, outputs, needs: needs(at('app.age'), `age -R ${keys}/age.pub -o ${at('app.age')} ${docker}`) },
    { name: 'ocicrypt: encrypt layers', ours: imgkit('encrypt', '--layers', `oci:${oci}`, `oci:${ours}`, '-r', `${keys}/rsa.pub`), peer: skopeo('--encryption-key', `jwe:${keys}/rsa.pub`, `oci:${oci}`, `oci:${peer}:bench`), against: 'skopeo copy', atMost: 1 / 3, outputs, needs: needs(`${keys}/rsa.pub`, 'true') },
    { name: 'ocicrypt: decrypt layers', ours: imgkit('decrypt', '--layers', `oci:${at('sealed')}`, `oci:${ours}:bench`, '--identity', `${keys}/rsa.key`), peer: skopeo('--decryption-key', `${keys}/rsa.key`, `oci:${at('sealed')}:bench`, `oci:${peer}:bench`), against: 'skopeo copy', atMost: 1 / 3, outputs, needs: needs(at('sealed'), said(skopeo('--encryption-key', `jwe:${keys}/rsa.pub`, `oci:${oci}`, `oci:${at('sealed')}:bench`))) },
    { name: 'load --trust, signed image', ours: load(at('signed-image.tar'), ...trust), peer: load(at('signed-image.tar')), against: 'load', atMost: 1.1, outputs, needs: needs(at('signed-image.tar'), `${signImage}\nrm -r ${store}`) },
    { name: 'load --trust, signed OCI archive', ours: load(at('load.tar'), ...trust), peer: load(at('load.tar')), against: 'load', atMost: 1.1, outputs, needs: needs(at('load.tar'), `${link('load.tar', ociTar)}\n${signed('load.tar')}`) },
  ];
}
