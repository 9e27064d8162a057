/** Words of docker, podman, skopeo and crane for what has another name here, and the call that does it. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  pull: 'imgkit copy docker://HOST/NAME:TAG NAME:TAG',
  push: 'imgkit copy NAME:TAG docker://HOST/NAME:TAG',
  images: 'imgkit list',
  ls: 'imgkit list',
  tags: 'imgkit list docker://HOST/NAME',
  rmi: 'imgkit rm',
  delete: 'imgkit rm',
  prune: 'imgkit gc',
  validate: 'imgkit verify',
  check: 'imgkit verify',
  manifest: 'imgkit inspect IMAGE --raw',
  config: 'imgkit inspect IMAGE --config',
  mutate: 'imgkit edit',
  unpack: 'imgkit extract',
  upload: 'imgkit send',
  download: 'imgkit fetch',
  convert: 'imgkit copy',
  version: 'imgkit --version',
};

/** How imgkit does what `word` means elsewhere. */
export function otherWord(word: string): string | undefined {
  return Object.hasOwn(OTHER_WORDS, word) ? OTHER_WORDS[word] : undefined;
}
