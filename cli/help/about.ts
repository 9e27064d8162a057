import type { Command } from '../command.js';

/** What else there is to know before using a command; for its help and its man page. */
const ABOUT: Readonly<Record<string, readonly string[]>> = {
  save: ['The archive is a hybrid by default: docker load, podman load and skopeo read it, and it keeps every manifest digest. It gets its name only when it is complete, checked and on disk. With -r or -R it is encrypted in the same pass.'],
  load: ['Every size, digest, layer and name is checked before the store or the engine learns of the image; a blob that the store holds was checked when it came, and is not read again (verify reads everything; --force does so, and writes a damaged one anew). A name that another image has in the store or a registry is not moved (exit 4) unless --force is given; an engine and a layout move it, as docker load does. With --trust, --key or --cert nothing enters that is not signed by somebody trusted.'],
  copy: ['Between any two locations: archives, layouts, stores, engines, registries. What need not change is written back bit for bit; where a manifest digest has to change, the output says so and why. A name in the target replaces those of the source.'],
  login: ['The login is tried, then kept where docker, podman and skopeo find it: with the credential helper of Docker\'s config.json, else in that file. The password is never an argument.'],
  logout: ['Removes the login from the file or credential helper that keeps it.'],
  send: ['Each file goes up under a temporary name, is verified at the far end and then renamed; FILE.sha256 and signatures beside it follow, the signature last. A transfer that broke off goes on where it is proven to be right. Several URLs get the file in one reading.'],
  fetch: ['What comes must have the digest of --expect or of the NAME.sha256 beside it; then it gets its name. Signatures beside it come along. A download that broke off is resumed when the file at the host is still the same.'],
  watch: ['Looks into the folder again and again, takes every archive that is complete, verifies it and puts its images into the store, an engine or elsewhere. What is refused is not tried again until it changes. Run it as a service, or with --once from a timer.'],
  list: ['Reads no layers. Shows the names, digests, platforms and sizes of images; of a registry, its tags; of a remote folder, its files. Members of an index that are not there are shown as absent.'],
  inspect: ['Reads no layers. --raw and --config print the manifest and the config byte for byte, so that their digests can be computed.'],
  history: ['Reads no layers. Steps of the build, with the layer that each one made and its size.'],
  files: ['The merged tree as a container sees it, with the layer that each file comes from; --layer shows one layer alone, --wasted what later layers hide.'],
  cat: ['The bytes come from the topmost layer that has the file and go to standard output. Nothing is unpacked.'],
  diff: ['Exits with 1 when something differs, with 0 when nothing does. With one image and --layer, shows what that layer adds, changes and deletes.'],
  report: ['One page that loads nothing from anywhere: layers with sizes and commands, a map of what fills the image, wasted bytes, configuration, checks and signatures; with --compare what changed since another image. It works without JavaScript and treats all that is in the image as hostile.'],
  digest: ['Prints what to tell a receiver on another way: the digest of the file, of every manifest and of every config, which is the image ID.'],
  import: ['No code is run: the files become one layer, and --change sets the config as a Dockerfile would. The same files give the same digest, whoever runs it.'],
  append: ['A tar becomes a layer as it is, so that its digest stays; a folder is packed with fixed order and times. A .wh.NAME entry deletes NAME below.'],
  edit: ['Layers stay bit for bit; config and manifest are written anew, so the digest changes. Fields that imgkit does not know are kept.'],
  commit: ['Compares the folder or tar with the files of the base and puts only what changed into a new layer, deletions included. What --exclude leaves out stays as the base has it.'],
  rebase: ['Takes the layers above the old base and puts them on the new one. The image must be built on the old base: its layers are compared by digest.'],
  squash: ['Layers from --from upward become one; what they delete or overwrite takes no more space. The layers below stay shared with other images.'],
  flatten: ['One layer with the files as a container sees them. Config and history stay, the layers of the base are no longer shared.'],
  export: ['The files as a container would see them. Not an image: docker import and imgkit import read it, docker load does not.'],
  extract: ['Paths and links of the image never lead out of the folder, set-ID bits and devices are left out unless --preserve-owner is given.'],
  verify: ['Checks the structure of the archive, size and digest of every blob, every layer uncompressed, and that manifests, configs and names agree. All findings are shown, not the first only. With somebody to trust, signatures come first: exit 4 when nobody trusted signed exactly this.'],
  keygen: ['Makes keys of the kinds that ssh-keygen, openssl, minisign, cosign and age use. No key is ever overwritten; the secret part is readable for its owner only. Give it a passphrase: --passphrase-file, $IMGKIT_PASSPHRASE, or answer when asked.'],
  sign: ['Writes FILE.sha256, which sha256sum -c reads, and a signature over it beside it. The kind of signature follows the key: SSH (.sig), certificate (.p7s), minisign (.minisig), cosign (.sigstore.json). Each can be checked with its own tool. Images are signed as cosign does, or with --format gpg as skopeo and podman enforce it.'],
  encrypt: ['Without --layers: one file, as age does, for X25519 or SSH keys or a passphrase; with --format cms as openssl cms does, for certificates. With --layers: the layers of an image, as ocicrypt does, for registries. Neither says who made it: sign the encrypted file.'],
  decrypt: ['Opens what age, openssl cms or imgkit encrypted. The result gets its name only after the last byte is proven. With --layers it opens the layers of an image that skopeo, containerd or imgkit encrypted.'],
  trust: ['A trust folder holds certificates, keys and a policy: whom to believe about which images. It is versioned, and every file of it is listed with its digest. Use it with --trust DIR. Actions: add, list, remove, check, update.'],
  tag: ['The old name stays. A name that another image has is not moved (exit 4) unless --force is given.'],
  rm: ['Removes names; the bytes go with imgkit gc, once no other name needs them. A digest means the image, as long as it has one name at most.'],
  gc: ['Removes blobs that no name, no index and no running imgkit needs. Safe while others load and save.'],
  completion: ['Prints a script. bash: source <(imgkit completion bash) in ~/.bashrc. zsh: imgkit completion zsh > _imgkit in a folder of $fpath. fish: imgkit completion fish > ~/.config/fish/completions/imgkit.fish.'],
};

/** What the arguments are that most commands take; undefined for a command that takes none of them. */
export function placesOf({ positionals }: Command): string | undefined {
  if (!Object.values(positionals).some(({ value }) => value === 'LOCATION')) return undefined;
  return 'An image is named by where it is: a name in the store, an archive, oci:DIR, docker-daemon:NAME, docker://HOST/NAME or a URL. See: imgkit help locations';
}

/** The paragraphs about a command; none when there is nothing to add to its summary. */
export function aboutOf(name: string): readonly string[] {
  return ABOUT[name] ?? [];
}
