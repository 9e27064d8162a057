#!/usr/bin/env bash
# Makes a docker archive whose one layer is a sparse file of GB gigabytes: ./test/bench/make-large.sh GB FILE.tar
set -euo pipefail
gb=$1
out=$2
work=$(mktemp -d -p "$(dirname "$out")")
trap 'rm -rf "$work"' EXIT

# A layer of one huge file, made of holes; tar's own end marker and padding come with it.
truncate -s "${gb}G" "$work/zeros"
tar --format=pax --owner=0 --group=0 --mtime=@0 -C "$work" -cf - zeros | dd of="$work/layer.tar" bs=1M conv=sparse status=none
rm "$work/zeros"
diff_id=$(openssl dgst -sha256 "$work/layer.tar" | sed 's/.* //')
printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$diff_id" >"$work/config.json"
printf '[{"Config":"config.json","RepoTags":["large:1"],"Layers":["layer.tar"]}]' >"$work/manifest.json"
tar --format=pax -C "$work" -cf - manifest.json config.json layer.tar | dd of="$out" bs=1M conv=sparse status=none
