#!/usr/bin/env bash
# Trains in the real container, without AWS and without a network, as SageMaker would start it.
#
#   local_test/train_local.sh [IMAGE] [FOLDER]
#
# IMAGE is kindred unless given. Without FOLDER it trains on the tiny world in local_test/opt_ml/input; a FOLDER of
# your own (MovieLens, IMDb, or interactions.* and items.* tables) becomes the channel `train`, read-only.
# The model and the reports are in local_test/opt_ml/model and local_test/opt_ml/output.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=local_test/engine.sh
. "$here/engine.sh"

image=${1:-kindred}
world=$here/opt_ml
if [ $# -ge 2 ]; then
  if [ ! -d "$2" ]; then
    say "there is no folder '$2'; give a folder of interactions and titles"
    exit 1
  fi
  data=$(cd "$2" && pwd -P):/opt/ml/input/data/train:ro
else
  data=$world/input:/opt/ml/input:ro
fi
need_image "$image"

rm -rf "$world/model" "$world/output"
mkdir -p "$world/model" "$world/output"

in_container() {
  docker run --rm --network none --volume "$data" \
    --volume "$world/model:/opt/ml/model" --volume "$world/output:/opt/ml/output" "$image" "$@"
}

status=0
in_container train || status=$?
# The container is root, as on SageMaker: let whoever ran this read and delete what it wrote.
in_container chmod -R a+rwX /opt/ml/model /opt/ml/output || true

if [ "$status" -ne 0 ]; then
  say "training ended with status $status"
  if [ -s "$world/output/failure" ]; then
    say "$(head -n 1 "$world/output/failure")"
  fi
  exit "$status"
fi
say "the model is in $world/model; next: local_test/serve_local.sh"
