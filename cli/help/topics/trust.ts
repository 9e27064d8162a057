import { code, heading, terms, text, type Topic } from '../blocks.js';

export const trust: Topic = {
  name: 'trust',
  summary: 'Signing, checking, and whom to believe',
  blocks: [
    text('A digest shows that an archive is what it was. A signature shows whose it is. Sign before it leaves; let the far end refuse what nobody known has signed.'),
    heading('Sender'),
    code('imgkit keygen --type ssh --name release --comment release@acme.example -o keys', 'imgkit sign app.tar --key keys/release'),
    text('This writes app.tar.sha256 (sha256sum -c reads it) and app.tar.sha256.sig (ssh-keygen -Y verify reads it). They travel beside the file: imgkit send takes them along, the signature last.'),
    heading('Receiver'),
    code('imgkit verify app.tar --key release.pub', 'imgkit load app.tar --key release.pub'),
    text('With several keys, or certificates of a CA, keep a trust folder:'),
    code('imgkit trust add trust release.pub --identity release@acme.example', 'imgkit trust add trust ca.crt ca.crl', 'imgkit load app.tar --trust trust'),
    text('Its policy.json says per repository whose signatures are needed and how many. Its owners may sign newer versions of it; imgkit trust update takes no older one.'),
    heading('Kinds of signatures'),
    terms(
      ['.sig', 'SSH keys, from files, the agent or a token: ssh-keygen -Y'],
      ['.p7s', 'A certificate (--cert): openssl cms'],
      ['.minisig', 'minisign'],
      ['.sigstore.json', 'cosign, with a key'],
      ['signature-1', 'GPG, of an image (--format gpg), in a lookaside folder: skopeo, podman'],
    ),
    text('Exit 4 means refused: no signature, another signer, a changed file, a key that is revoked or past its time. A signature is no secrecy: imgkit encrypt makes the file private, and is used before signing.'),
  ],
};
