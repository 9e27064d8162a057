import type { ErrorCode } from '../../src/index.js';

/** What lies behind an error, and what to do about it; what is typed stands in backticks. */
export interface ErrorEntry {
  readonly cause: string;
  readonly remedy: string;
}

/** Every error code: `imgkit help CODE` prints its entry, and docs/errors.md is made of all of them (npm run docs). */
export const errorIndex: Readonly<Record<ErrorCode, ErrorEntry>> = {
  'image-not-found': {
    cause: 'No image has that name, digest, position or platform; or what was named is no runnable image and so has no config or history, and no place in a docker archive or engine.',
    remedy: 'The message lists what is there. `imgkit list LOCATION` shows all of it; `--platform` picks from an index.',
  },
  'path-not-found': {
    cause: 'The image has no file or folder of that path, a link on the way leads nowhere or in a circle, or what is there is no file (`cat`). Or a trust folder has no such entry.',
    remedy: '`imgkit files IMAGE` lists every path; those of `imgkit files IMAGE --layer N` may be hidden by later layers.',
  },

  'usage': {
    cause: 'An unknown command or option, a missing argument, options that exclude each other or the location, one name for several images, an archive to or from a terminal.',
    remedy: '`imgkit COMMAND --help` shows what the command takes.',
  },
  'location-invalid': {
    cause: 'A location is malformed: no path after a prefix, a bad position, a password in a URL.',
    remedy: '`imgkit help locations`, or docs/locations.md.',
  },
  'location-ambiguous': {
    cause: 'A bare word is the name of a file here, or of a kind of location (`docker-daemon` without its colon), and could be a name in the store.',
    remedy: 'Write `./NAME` for the file, `store:NAME` for the name.',
  },
  'location-unsupported': {
    cause: "The location is of a kind that imgkit does not open: a prefix such as skopeo's `dir:`, another kind of URL, a folder or a device where a file is needed. Or the host, or this system, cannot do what the call needs, such as list a folder.",
    remedy: 'The message names what works instead: an archive, `oci:DIR`, the store, an engine, a registry (`docker://`), a file at a host (`imgkit help locations`).',
  },
  'reference-invalid': {
    cause: "An image name is not valid by Docker's grammar; or the tag is no release where `--semver` needs one; or a new name says a digest.",
    remedy: 'Lower case, `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`.',
  },
  'platform-invalid': {
    cause: 'A platform is not `OS/ARCH[/VARIANT]`.',
    remedy: 'For example `linux/arm64`.',
  },
  'image-ambiguous': {
    cause: 'A location means several images where one is needed, or the start of a digest fits several.',
    remedy: 'Name one: `PATH#NAME`, or more digits.',
  },
  'base-mismatch': {
    cause: "The image to rebase is not built on the old base: the base's layers are not its first ones.",
    remedy: 'Name the base it was built on; `imgkit history` shows the layers of both.',
  },

  'tar-malformed': {
    cause: 'A tar header is wrong or ambiguous: checksum, numbers, pax records, a name given twice, a link out of the archive, data after the end.',
    remedy: 'Get or make the archive again. `offset` and `entry` say where.',
  },
  'tar-truncated': {
    cause: 'The archive ends too early.',
    remedy: 'Copy it again; compare its size with the original.',
  },
  'document-malformed': {
    cause: 'A manifest, index, config or control file is no strict JSON, lacks what it must have, or contradicts another.',
    remedy: 'Make the archive again with a current tool.',
  },
  'format-unknown': {
    cause: 'It is no image archive or OCI layout: an empty file, another tar, a root filesystem, an archive from before Docker 1.10.',
    remedy: 'Check that it is the right file; `docker export` is not `docker save`.',
  },
  'format-ambiguous': {
    cause: 'The two halves of a hybrid archive describe different images.',
    remedy: 'Name the half that you mean: `docker-archive:PATH` or `oci-archive:PATH`.',
  },
  'compression-malformed': {
    cause: 'A gzip or zstd stream is damaged, cut, or followed by something else.',
    remedy: 'Get it again.',
  },
  'compression-unsupported': {
    cause: 'Data is compressed in a way that is not read here (xz, bzip2 or LZ4 around an image, a kind of layer that is no tar), or zstd is to be written and the package for it is not installed.',
    remedy: 'Unpack it with the tool that the message names. To write zstd: install `@cloudpss/zstd`, or use gzip.',
  },
  'digest-malformed': {
    cause: 'A digest is not `sha256:` with 64 or `sha512:` with 128 lower-case hexadecimal digits.',
    remedy: 'Make the archive again with a current tool; what names the digest is in the message.',
  },
  'digest-mismatch': {
    cause: "A blob's content is not what its digest says: damaged, or changed.",
    remedy: 'Get it again. In a store or layout: load or copy the image there again with `--force`, which reads every blob that is there, and writes a damaged one again.',
  },
  'size-mismatch': {
    cause: "A blob's size is not what its descriptor says, or two descriptors disagree.",
    remedy: 'Get it again.',
  },
  'diffid-mismatch': {
    cause: 'A layer, uncompressed, is not the one that the config names.',
    remedy: 'Get it from its publisher: copying it again will not help.',
  },
  'blob-missing': {
    cause: 'A manifest names content that is not there; or, with `--all-platforms`, an index does; or a docker archive or engine would need a layer that is, legally, not there.',
    remedy: 'Get the whole image. Without a layer that may not be distributed, write an OCI archive or layout.',
  },
  'limit-exceeded': {
    cause: 'The input goes beyond one of the limits in docs/limits.md.',
    remedy: 'No container tool writes such an image: get it from another source. If you trust it, raise that limit in a call of the library.',
  },
  'signature-malformed': {
    cause: 'A signature file is damaged, cut, or of a kind that is not known.',
    remedy: 'Get it again from the sender.',
  },
  'statement-malformed': {
    cause: 'A checksum statement has a line that is no checksum, a name twice, or no line for the file.',
    remedy: 'Get it again from the sender; nothing in it was believed.',
  },
  'key-malformed': {
    cause: 'A key or certificate file cannot be read: damaged, or of another type than was expected.',
    remedy: 'Check which file it is; the message says what was found.',
  },
  'ciphertext-malformed': {
    cause: 'Encrypted data is cut, damaged or altered: a tag does not fit.',
    remedy: 'Transfer it again; nothing of it was written.',
  },

  'tag-would-move': {
    cause: 'The name stands for another image in the store.',
    remedy: 'Take another name, or `--force` if the old image may lose it.',
  },
  'host-untrusted': {
    cause: 'An SSH host key is unknown or another than before, a TLS certificate does not verify, or a server sends us on to where nothing is encrypted.',
    remedy: "Compare the fingerprint with the owner's, then `--host-key`, `known_hosts` or `--ca`.",
  },
  'signature-missing': {
    cause: 'A signature is required and there is none, or a keyless one alone, which cannot be checked here.',
    remedy: 'Ask the sender to sign; `--insecure-accept-unsigned` takes it as it is.',
  },
  'signature-invalid': {
    cause: 'A signature does not fit the content: it was changed, or the signature belongs to something else.',
    remedy: 'Transfer both again; if it stays, do not use it.',
  },
  'signature-untrusted': {
    cause: 'The signature is right but does not count: its key is not trusted, expired, revoked, or not meant for this file, image or name.',
    remedy: 'The message names the key; add it to the trust folder if you know whose it is.',
  },
  'policy-refused': {
    cause: 'The policy of the trust folder does not allow it; or nothing says what a fetched file should be, because it has no checksum beside it.',
    remedy: 'The message says what was found and what is needed.',
  },
  'rollback-refused': {
    cause: 'An update, or a CRL, is older than what is there.',
    remedy: 'Get the newest one.',
  },
  'key-exposed': {
    cause: 'Others can read a file that holds a secret, or change a folder that says whom to trust.',
    remedy: '`chmod 600` the file; if others use the machine, make a new key. `chmod -R o-w` the folder, and check what is in it.',
  },
  'key-refused': {
    cause: 'A key is too weak, of a type that is not accepted, or its passphrase is wrong; or it is of GPG, and the package openpgp is not installed.',
    remedy: 'Use another key, or the right passphrase; for GPG, `npm install openpgp@6`.',
  },
  'decryption-refused': {
    cause: 'None of the identities or passphrases opens it, or nothing in it proves its content (CMS with AES-CBC).',
    remedy: 'Name the identity of one of its recipients; ask the sender for `-aes-256-gcm`.',
  },

  'engine-unreachable': {
    cause: 'Nothing answers at `DOCKER_HOST`, or it may not be used.',
    remedy: 'Start the engine; check the address and the permissions of its socket.',
  },
  'engine-failed': {
    cause: 'The engine answered with an error, broke off, or has another image under the name afterwards.',
    remedy: 'The message gives its reason; its log says more.',
  },
  'network-unreachable': {
    cause: 'A host cannot be found or reached.',
    remedy: 'Check its name, port, and the way there (proxy, firewall).',
  },
  'network-failed': {
    cause: 'A connection broke, or the server did what its protocol does not allow.',
    remedy: 'Run it again: transfers resume.',
  },
  'network-timeout': {
    cause: 'A server did not answer in time.',
    remedy: 'Run it again, or raise the time-out.',
  },
  'login-failed': {
    cause: 'The server wants a login, or refuses this one.',
    remedy: 'Check user and password or key, and where the password comes from (`imgkit help network`).',
  },
  'remote-refused': {
    cause: 'The server refuses the operation: permission, a read-only folder, a name that exists, a transfer that it cannot continue; or it asks for something unsafe, which imgkit refuses.',
    remedy: 'Its reason is in the message.',
  },
  'registry-failed': {
    cause: 'A registry answered with an error.',
    remedy: 'The message gives status and reason.',
  },

  'io-failed': {
    cause: 'The operating system refused something: permission, a read error, a folder in place of a file.',
    remedy: "The message names the file and the system's code.",
  },
  'disk-full': {
    cause: 'There is not enough space; known before the first byte where the sizes are.',
    remedy: 'Free some, or set `TMPDIR` when it is the temporary folder.',
  },
  'file-not-found': {
    cause: 'A file or folder that was named is not there.',
    remedy: 'Check the path.',
  },
  'file-exists': {
    cause: 'A file would be overwritten that must not be.',
    remedy: 'Choose another name or remove it.',
  },
  'store-locked': {
    cause: 'Another process holds the lock of the store or layout for more than a minute, another `watch` works with the same state file, another `fetch` brings the same file to the same place, or another `login` changes the same file.',
    remedy: 'Wait; of two `watch`, end one or give it another file with `--state`; of two `fetch`, name another place with `-o`. If the process named in the message is certainly gone, remove the lock file that it names.',
  },
  'remote-full': {
    cause: 'The disk or quota at the far end is full.',
    remedy: 'Free some there, run it again: the transfer resumes.',
  },

  'interrupted': {
    cause: 'The `signal` was aborted; on the command line Ctrl-C (130), SIGTERM (143) or SIGHUP (129). Nothing partial is left.',
    remedy: 'Run it again.',
  },
};
