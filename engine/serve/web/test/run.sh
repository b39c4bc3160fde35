#!/usr/bin/env bash
# Tests the page in Chromium: builds modspec with the page as it is committed,
# makes a folder of results, serves it, and runs test/*.test.mjs against it.
# Screenshots go to test/shots, which git ignores.
#
#   CHROMIUM   the browser (default /usr/bin/chromium)
#   MODSPEC    a modspec that is built already
set -euo pipefail
cd "$(dirname "$0")/.."

chromium=${CHROMIUM:-/usr/bin/chromium}
[[ -x $chromium ]] || { echo "no Chromium at $chromium: install Debian's package chromium, or set CHROMIUM" >&2; exit 2; }
[[ -d node_modules/playwright-core ]] || npm ci --no-audit --no-fund

scratch=$(mktemp -d)
server=
leave() {
  if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$scratch"
}
trap leave EXIT

root=$(cd ../../.. && pwd)
modspec=${MODSPEC:-$scratch/modspec}
[[ -n ${MODSPEC:-} ]] || (cd "$root" && go build -o "$modspec" ./cmd/modspec)

results=$scratch/results
mkdir "$results"
"$modspec" sweep run "$root/testdata/sweeps/first-phase-diagram.yaml" --out "$results/first" >/dev/null 2>&1
"$modspec" sweep run test/diverging.yaml --out "$results/diverging" >/dev/null 2>&1
"$modspec" reproduce --only dense-dynamics --out "$results/paper" >/dev/null

"$modspec" serve "$results" --addr 127.0.0.1:0 >"$scratch/serve.log" 2>&1 &
server=$!
until url=$(grep -o -m 1 'http://[^ ]*' "$scratch/serve.log"); do
  kill -0 "$server" 2>/dev/null || { cat "$scratch/serve.log" >&2; exit 1; }
  sleep 0.1
done

mkdir -p test/shots
MODSPEC=$modspec CHROMIUM=$chromium PAGE=${url%/} RESULTS=$results node --test --test-concurrency=1 --test-timeout=600000 test/*.test.mjs
