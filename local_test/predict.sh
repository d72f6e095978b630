#!/usr/bin/env bash
# Asks the model that serve_local.sh serves, and prints its answer.
#
#   local_test/predict.sh [PAYLOAD FILE] [CONTENT-TYPE]
#
# The payload is local_test/predict.csv unless given (predict.json lies beside it); the type follows from its name.
# PORT chooses another port.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)

say() {
  echo "predict.sh: $*" >&2
}

type_of() {
  case $1 in
    *.csv) echo text/csv ;;
    *.json) echo application/json ;;
    *.jsonl | *.jsonlines) echo application/jsonlines ;;
    *)
      say "the name '$1' does not tell its type; give it: predict.sh $1 application/json"
      exit 1
      ;;
  esac
}

payload=${1:-$here/predict.csv}
if [ ! -f "$payload" ]; then
  say "there is no file '$payload'"
  exit 1
fi
if [ $# -ge 2 ]; then
  type=$2
else
  type=$(type_of "$payload")
fi
url=http://localhost:${PORT:-8080}

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
if ! status=$(curl --silent --output "$answer" --write-out '%{http_code}' --header "Content-Type: $type" \
  --data-binary "@$payload" "$url/invocations"); then
  say "nothing answers at $url; start it with local_test/serve_local.sh"
  exit 1
fi
cat "$answer"
echo
if [ "$status" -ge 400 ]; then
  say "the answer is an error, HTTP $status"
  exit 1
fi
