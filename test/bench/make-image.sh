#!/usr/bin/env bash
# Makes the bench image: about 1.4 GB uncompressed in 7 layers, from Debian 12
# (amd64) packages and generated data. Usage: make-image.sh [FOLDER]
#
#   FOLDER/docker.tar  docker-archive, tag bench:1.4, uncompressed layers
#   FOLDER/oci/        OCI layout, gzip layers
#   FOLDER/oci.tar     oci-archive, the same gzip blobs
#
# All three are written by skopeo. What is present is kept; what is missing is
# made. Same package versions in, same layer bytes out.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-${TMPDIR:-/tmp}/imgkit-bench}
work=$out/work

packages_root=(
  base-files bash coreutils dash debianutils diffutils findutils grep gzip
  hostname libc6 libc-bin libc-l10n sed tar util-linux mount dpkg apt libapt-pkg6.0
  openssl libssl3 perl perl-base perl-modules-5.36 libperl5.36
  python3.11 python3.11-minimal libpython3.11 libpython3.11-minimal
  libpython3.11-stdlib
  binutils-common binutils-x86-64-linux-gnu libbinutils
  cpp-12 gcc-12 libgcc-12-dev libstdc++-12-dev libc6-dev linux-libc-dev
)
packages_devel=(libboost1.74-dev llvm-14-dev)
packages_fill=(libnode108 libmozjs-102-0)

# Downloads packages once and unpacks them into a folder, without their scripts.
unpack() {
  local target=$1 package
  shift
  mkdir -p "$work/debs" "$target"
  (cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root "$@")
  for package in "$@"; do
    dpkg-deb -x "$work/debs/${package}"_*.deb "$target"
  done
}

# Packs a folder as a layer; the folder goes away to save disk. Access and
# change times must go too, or the pax headers differ on every run.
pack() {
  tar --create --file="$work/layers/$1.tar" --directory="$work/tree" \
    --sort=name --mtime=@1700000000 --owner=0 --group=0 --numeric-owner \
    --format=pax \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime .
  rm -rf "$work/tree"
}

make_layers() {
  mkdir -p "$work/layers"
  echo "layer 1: Debian root"
  unpack "$work/tree" "${packages_root[@]}"
  mkdir -p "$work/tree/etc" "$work/tree/opt/stale/deep"
  echo bench >"$work/tree/etc/hostname"
  echo stale >"$work/tree/opt/stale/a"
  echo stale >"$work/tree/opt/stale/deep/b"
  pack 1-root
  echo "layer 2: headers and libraries"
  unpack "$work/tree" "${packages_devel[@]}"
  pack 2-devel
  echo "layer 3: 150 MB that do not compress"
  mkdir -p "$work/tree/var/lib/bench"
  head -c 150000000 /dev/zero | openssl enc -aes-128-ctr -nosalt \
    -K 000102030405060708090a0b0c0d0e0f -iv 00000000000000000000000000000000 \
    >"$work/tree/var/lib/bench/random.bin"
  pack 3-random
  echo "layer 4: 200 MB of JSON logs"
  node "$here/make-layout.mjs" logs "$work/tree"
  pack 4-logs
  echo "layer 5: 120,000 small files"
  node "$here/make-layout.mjs" small-files "$work/tree"
  pack 5-small
  echo "layer 6: more libraries"
  unpack "$work/tree" "${packages_fill[@]}"
  pack 6-fill
  echo "layer 7: whiteouts"
  mkdir -p "$work/tree/opt/stale" "$work/tree/srv/small/00" \
    "$work/tree/usr/share/doc" "$work/tree/etc"
  : >"$work/tree/opt/stale/.wh..wh..opq"
  echo fresh >"$work/tree/opt/stale/c"
  : >"$work/tree/srv/small/.wh.01"
  : >"$work/tree/srv/small/00/.wh.00000.txt"
  : >"$work/tree/usr/share/doc/.wh.perl"
  : >"$work/tree/etc/.wh.hostname"
  pack 7-whiteouts
}

# Runs skopeo towards a temporary name, so that a broken run leaves nothing.
convert() {
  local name=$1 source=$2 target=$3 reference=$4
  rm -rf "${out:?}/$name.part"
  skopeo copy --quiet --insecure-policy "$source" "$target:$out/$name.part:$reference"
  mv "$out/$name.part" "$out/$name"
}

mkdir -p "$out"
if [[ ! -e $out/docker.tar ]]; then
  rm -rf "$work"
  make_layers
  node "$here/make-layout.mjs" layout "$work/plain" bench "$work"/layers/*.tar
  convert docker.tar "oci:$work/plain:bench" docker-archive docker.io/library/bench:1.4
fi
rm -rf "$work"
if [[ ! -e $out/oci ]]; then
  rm -f "$out/oci.tar"
  convert oci "docker-archive:$out/docker.tar" oci bench:1.4
fi
[[ -e $out/oci.tar ]] || convert oci.tar "oci:$out/oci:bench:1.4" oci-archive bench:1.4

tar --list --verbose --file="$out/docker.tar" | awk '/^-.*\.tar$/ {printf "layer %d bytes\n", $3}'
du --apparent-size --block-size=1000000 -s "$out/docker.tar" "$out/oci" "$out/oci.tar"
