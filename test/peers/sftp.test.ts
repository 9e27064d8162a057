import { readFile } from 'node:fs/promises';
import test from 'ava';
import { openSftpTransport } from '../../src/transport/sftp/sftp-transport.js';
import { transportContract } from '../contract/transport-suite.js';
import { forgetThePerson, plantFor, sftpNetwork } from '../helpers/sftp-client.js';
import { makeScratch } from '../helpers/scratch.js';
import { startSshd } from '../helpers/sshd.js';

const scratch = makeScratch();
forgetThePerson(scratch);
test.after.always(() => scratch.remove());

transportContract(test, 'OpenSSH', {
  abilities: { readRange: true, append: true, list: true, rename: 'replace', hash: true, partial: 'after-close' },
  start: async () => {
    const sshd = await startSshd();
    const network = await sftpNetwork(scratch, sshd);
    return {
      folder: sshd.home,
      open: () => openSftpTransport(sshd.url(), network),
      readBack: (path) => readFile(path).catch(() => undefined),
      plant: (path, bytes) => plantFor(sshd, path, bytes),
      stop: () => sshd.stop(),
    };
  },
});
