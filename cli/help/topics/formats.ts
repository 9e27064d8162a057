import { code, heading, terms, text, type Topic } from '../blocks.js';

export const formats: Topic = {
  name: 'formats',
  summary: 'What archives hold, and who reads them',
  blocks: [
    terms(
      ['hybrid', 'The default: an OCI layout in a tar that docker load reads too. Holds manifests, indexes, several images and platforms, signatures. Read by docker, podman, skopeo'],
      ['oci', 'oci-archive:FILE (a tar) or oci:DIR (a folder). Holds the same. Read by podman, skopeo, umoci (folder), docker with its containerd store'],
      ['docker', 'docker-archive:FILE, as docker save wrote it until version 24. Holds no manifests, no indexes and no compressed layers. Read by everything'],
    ),
    text('--format names the one to write; a prefix of the location decides without it. Archives are recognised by their content when read.'),
    heading('What survives'),
    terms(
      ['image ID', 'Always: the digest of the config, which is never changed'],
      ['manifest digest', 'Unless layers change their compression, or the target holds no manifests. The output then says so'],
      ['names', 'Always'],
      ['platforms, signatures', 'In all but docker archives'],
    ),
    heading('Compression'),
    code(
      'imgkit copy a.tar b.tar --compress zstd      each layer (new manifest digest)',
      'imgkit save app:1 -o app.tar.gz              around the whole archive',
      'imgkit copy a.tar oci:d --compress gzip --compress-level fast',
    ),
    text('The same images with the same options give the same bytes, whatever the time, the user or the number of processors.'),
  ],
};
