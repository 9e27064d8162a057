#!/usr/bin/env bash
# Verifies a docker archive with one sparse layer of 20 GB and prints the peak memory: ./test/bench/large.sh [GB]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gb=${1:-20}

# A layer of one huge file, made of holes; tar's own end marker and padding come with it.
truncate -s "${gb}G" "$work/zeros"
tar --format=pax --owner=0 --group=0 --mtime=@0 -C "$work" -cf - zeros | dd of="$work/layer.tar" bs=1M conv=sparse status=none
rm "$work/zeros"
diff_id=$(openssl dgst -sha256 "$work/layer.tar" | sed 's/.* //')
printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$diff_id" >"$work/config.json"
printf '[{"Config":"config.json","RepoTags":["large:1"],"Layers":["layer.tar"]}]' >"$work/manifest.json"
tar --format=pax -C "$work" -cf - manifest.json config.json layer.tar | dd of="$work/large.tar" bs=1M conv=sparse status=none
rm "$work/layer.tar"

node -e '
  const { spawn } = require("node:child_process");
  const { readFileSync } = require("node:fs");
  const child = spawn(process.execPath, [process.argv[1], "verify", process.argv[2], "--progress", "none"], { stdio: "inherit" });
  let peak = 0;
  const timer = setInterval(() => {
    try { peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "latin1"))[1])); } catch {}
  }, 50);
  child.once("close", (code) => { clearInterval(timer); console.log(`peak memory ${Math.round(peak / 1000)} MB`); process.exitCode = code; });
' "$root/dist/cli/bundle/main.js" "$work/large.tar"
