#!/usr/bin/env bash
# Verifies a docker archive with one sparse layer of 20 GB and prints the peak memory: ./test/bench/large.sh [GB]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash "$root/test/bench/make-large.sh" "${1:-20}" "$work/large.tar"

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
