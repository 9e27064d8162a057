import test from 'ava';
import { sshString } from '../../../src/crypto/keys/ssh-wire.js';
import { sortPublicKey } from '../../../src/operations/trust/sort-public-key.js';

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILbuZZUeQBFhn/9bXQl0Af9/vyOefsNXdGVEz+HcOmLq';
const CERTIFIED = `ssh-ed25519-cert-v01@openssh.com ${Buffer.concat([sshString('ssh-ed25519-cert-v01@openssh.com'), sshString('nonce')]).toString('base64')}`;

for (const [what, content, told] of [
  ['an RSA key of PKCS #1', '-----BEGIN RSA PUBLIC KEY-----\nMIIB\n', /openssl rsa -RSAPublicKey_in/],
  ['an SSH key of RFC 4716', '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n', /ssh-keygen -i/],
  ['several SSH keys', `${ED25519} a\n${ED25519} b\n`, /several SSH keys.*--allowed-signers/],
  ['allowed signers', `a@b.example namespaces="file" ${ED25519}\n`, /whose they are; name it with --allowed-signers/],
  ['allowed signers without options', `# who\na@b.example ${ED25519}\n`, /name it with --allowed-signers/],
  ['an SSH certificate', `${CERTIFIED} a\n`, /is an SSH certificate.*name the public key of its owner/],
  ['an SSH key of a type that is not known', 'ssh-new AAAAB3NzaC1uZXc= a\n', /of the type ssh-new, which signs nothing here/],
  ['a list of revoked keys', 'SSHKRL\n\0', /--revoked-keys/],
  ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n', /--cert/],
  ['a certificate in DER', Buffer.from('3082', 'hex'), /--cert/],
  ['a CRL', '-----BEGIN X509 CRL-----\nMIIB\n', /--crl/],
  ['a request', '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n', /request for a certificate/],
  ['a signature', '-----BEGIN SSH SIGNATURE-----\nU1NI\n', /is a signature; name it with --signature/],
  ['a statement', `${'a'.repeat(64)}  app.tar\n`, /--statement/],
  ['a recipient', '# public\nage1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n', /recipient of age/],
  ['a policy', '{ "version": 1, "default": "reject" }', /imgkit trust add/],
  ['nothing', '', /is empty/],
  ['anything', 'hello', /is no public key of cosign \(PEM\), minisign, SSH or GPG/],
] as const) {
  test(`named as a key, ${what} is told what it is`, (t) => {
    t.throws(() => sortPublicKey({ name: 'rk.pub', bytes: Buffer.from(content) }), { code: 'key-malformed', message: told });
  });
}
