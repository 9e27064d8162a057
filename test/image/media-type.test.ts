import test from 'ava';
import { isEncrypted, isIndexType, isManifestType, isNonDistributable, isSchema1Type, layerCompression, layerTypeFor, mediaFamily } from '../../src/image/media-type.js';

for (const [type, compression] of [
  ['application/vnd.oci.image.layer.v1.tar', 'none'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.oci.image.layer.v1.tar+gzip+encrypted', 'gzip'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar', 'none'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip'],
  ['application/vnd.in-toto+json', undefined],
  ['application/vnd.oci.image.config.v1+json', undefined],
  ['application/vnd.oci.image.layer.v1.tar+bzip2', undefined],
  ['', undefined],
] as const) {
  test(`layerCompression of "${type}" is ${compression}`, t => t.is(layerCompression(type), compression));
}

test('layerTypeFor is the inverse of layerCompression', t => {
  for (const family of ['oci', 'docker'] as const) {
    for (const compression of ['none', 'gzip', 'zstd'] as const) {
      const type = layerTypeFor(family, compression);
      t.is(layerCompression(type), compression);
      t.is(mediaFamily(type), family);
      t.false(isNonDistributable(type));
    }
  }
});

test('kinds', t => {
  t.true(isIndexType('application/vnd.docker.distribution.manifest.list.v2+json'));
  t.false(isIndexType('application/vnd.oci.image.manifest.v1+json'));
  t.true(isManifestType('application/vnd.oci.image.manifest.v1+json'));
  t.false(isManifestType('application/vnd.docker.distribution.manifest.v1+prettyjws'));
  t.true(isSchema1Type('application/vnd.docker.distribution.manifest.v1+prettyjws'));
  t.true(isNonDistributable('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'));
  t.true(isNonDistributable('application/vnd.oci.image.layer.nondistributable.v1.tar'));
  t.true(isEncrypted('application/vnd.oci.image.layer.v1.tar+zstd+encrypted'));
  t.is(mediaFamily('text/plain'), undefined);
});
