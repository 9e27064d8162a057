#!/usr/bin/env bash
# Prints time and peak memory of what looks into a layer of a million entries: ./test/bench/million.sh [ENTRIES]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
entries=${1:-1000000}

# Docker archives of one layer each, in folders of a thousand files: `new` has other content in one file of `old`, `other` in all.
node - "$work" "$entries" <<'NODE'
const { createHash } = require('node:crypto');
const { closeSync, mkdirSync, openSync, writeFileSync, writeSync } = require('node:fs');
const [folder, entries] = [process.argv[2], Number(process.argv[3])];
function header(path, type, size) {
  const block = Buffer.alloc(512);
  block.write(path, 0, 'latin1');
  block.write(`${type === '5' ? '0000755' : '0000644'}\0${'0000000\0'.repeat(2)}${size.toString(8).padStart(11, '0')}\0${'14000000000'}\0        ${type}`, 100, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (let at = 0; at < 265; at++) sum += block[at];
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
for (const name of ['old', 'new', 'other']) {
  const into = `${folder}/${name}`;
  mkdirSync(into);
  const fd = openSync(`${into}/layer.tar`, 'w');
  const hash = createHash('sha256');
  let batch = [];
  const put = (...blocks) => {
    batch.push(...blocks);
    if (batch.length > 4000) flush();
  };
  const flush = () => {
    const bytes = Buffer.concat(batch);
    hash.update(bytes);
    writeSync(fd, bytes);
    batch = [];
  };
  for (let i = 0; i < entries; i++) {
    const at = `usr/share/some/package-${Math.floor(i / 1000)}`;
    if (i % 1000 === 0) put(header(`${at}/`, '5', 0));
    else put(header(`${at}/a-file-of-some-name-${i}.js`, '0', 3), Buffer.concat([Buffer.from(name === 'other' ? 'all' : i === 12345 && name === 'new' ? 'new' : 'old'), Buffer.alloc(509)]));
  }
  put(Buffer.alloc(1024));
  flush();
  closeSync(fd);
  writeFileSync(`${into}/config.json`, JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] } }));
  writeFileSync(`${into}/manifest.json`, JSON.stringify([{ Config: 'config.json', RepoTags: ['million:1'], Layers: ['layer.tar'] }]));
}
NODE
for name in old new other; do
  tar --format=pax -C "$work/$name" -cf "$work/$name.tar" manifest.json config.json layer.tar
  rm -r "${work:?}/$name"
done

measure() {
  node -e '
    const { spawn } = require("node:child_process");
    const { readFileSync } = require("node:fs");
    const [name, ...args] = process.argv.slice(1);
    const start = Date.now();
    const child = spawn(process.execPath, [...args, "--progress", "none"], { stdio: ["ignore", "ignore", "inherit"] });
    let peak = 0;
    const timer = setInterval(() => {
      try { peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "latin1"))[1])); } catch {}
    }, 50);
    child.once("close", (code) => { clearInterval(timer); console.log(`${name.padEnd(10)} ${((Date.now() - start) / 1000).toFixed(1)} s, peak memory ${Math.round(peak / 1000)} MB, exit ${code}`); });
  ' "$1" "$root/dist/cli/bundle/main.js" "${@:2}"
}

# What was made is measured, and removed.
make() {
  measure "$1" "${@:2}"
  rm -f "$work/made.tar"
}

measure files files "$work/old.tar"
measure tree files "$work/old.tar" --tree
measure wasted files "$work/old.tar" --wasted
measure layer files "$work/old.tar" --layer 1
measure report report "$work/old.tar" -o "$work/report.html"
measure diff diff "$work/old.tar" "$work/new.tar"
measure diff-all diff "$work/old.tar" "$work/other.tar"
measure diff-layer diff "$work/old.tar" --layer 1
make edit edit "$work/old.tar" "$work/made.tar#million:7" --label a=b
make flatten flatten "$work/old.tar" "$work/made.tar#million:3"
measure export export "$work/old.tar" -o "$work/rootfs.tar"
make import import "$work/rootfs.tar" "$work/made.tar#million:2"
make commit-tar commit --base "$work/other.tar" --rootfs "$work/rootfs.tar" "$work/made.tar#million:4"
rm "$work/rootfs.tar"
measure extract extract "$work/old.tar" --to "$work/root"
make commit commit --base "$work/new.tar" --rootfs "$work/root" "$work/made.tar#million:4"
make commit-all commit --base "$work/other.tar" --rootfs "$work/root" "$work/made.tar#million:4"
measure append append "$work/old.tar" "$work/append.tar#million:5" --layer "$work/root"
make rebase rebase "$work/append.tar" "$work/made.tar#million:8" --old-base "$work/old.tar" --new-base "$work/new.tar"
make squash squash "$work/append.tar" "$work/made.tar#million:6" --from 1
