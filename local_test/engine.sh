# shellcheck shell=bash
# What train_local.sh and serve_local.sh ask of Docker before they start. Sourced, not run.

say() {
  echo "$(basename "$0"): $*" >&2
}

# need_image IMAGE: an engine answers and has the image, or a sentence and the end.
need_image() {
  if ! docker info >/dev/null 2>&1; then
    say "no Docker Engine answers; install Docker or start it (docker info says why)"
    exit 1
  fi
  if ! docker image inspect "$1" >/dev/null 2>&1; then
    say "there is no image '$1' on this machine; run 'make image' first, or name another image"
    exit 1
  fi
}
