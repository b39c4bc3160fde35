#!/usr/bin/env bash
# Builds the page anew and compares it with the files that are committed.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ -d node_modules/vite ]] || npm ci --no-audit --no-fund
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
npx tsc --noEmit
npx vite build --outDir "$scratch/dist" --emptyOutDir --logLevel warn
diff -r dist "$scratch/dist" || { echo "dist is not what the sources build: run npm run build in engine/serve/web" >&2; exit 1; }
echo "dist is what the sources build"
