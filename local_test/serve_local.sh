#!/usr/bin/env bash
# Serves a trained model from the real container on http://localhost:8080 until Ctrl-C.
#
#   local_test/serve_local.sh [IMAGE] [MODEL FOLDER]
#
# IMAGE is kindred unless given; the model is what train_local.sh left. PORT chooses another port.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=local_test/engine.sh
. "$here/engine.sh"

image=${1:-kindred}
model=${2:-$here/opt_ml/model}
port=${PORT:-8080}
if [ ! -f "$model/manifest.json" ]; then
  say "there is no model in '$model' (no manifest.json); run local_test/train_local.sh first, or name a model folder"
  exit 1
fi
model=$(cd "$model" && pwd -P)
need_image "$image"

say "http://localhost:$port; ask it with local_test/predict.sh, stop it with Ctrl-C"
exec docker run --rm --publish "127.0.0.1:$port:8080" --volume "$model:/opt/ml/model:ro" "$image" serve
