#!/usr/bin/env bash
# Resolves pyproject.toml into locks/, one file per environment, every package pinned with its hashes.
#   scripts/lock.sh             resolve again, keeping the pins that still fit
#   scripts/lock.sh --upgrade   take the newest of everything
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v uv >/dev/null; then
  echo "lock.sh: uv resolves the locks and is not installed; see https://docs.astral.sh/uv" >&2
  exit 1
fi

resolve() {
  uv pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url --no-emit-find-links "$@"
}

# The image is one platform and one Python; people's machines are many.
resolve --extra image --python-version 3.13 --python-platform x86_64-manylinux_2_28 -o locks/image.txt "$@"
resolve --extra operator --universal --python-version 3.11 -o locks/operator.txt "$@"
resolve --extra dev --universal --python-version 3.11 -o locks/dev.txt "$@"
resolve --extra bench --extra dev --universal --python-version 3.11 -o locks/bench.txt "$@"
resolve --extra standin --universal --python-version 3.11 -o locks/standin.txt "$@"
resolve --extra sdk2 --universal --python-version 3.11 -o locks/sdk2.txt "$@"
# Groups, not extras: they stand alone, without what Kindred itself needs.
for group in sdk3 schemas; do
  uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
    --group "$group" --universal --python-version 3.11 -o "locks/$group.txt" "$@"
done
