#!/usr/bin/env bash
# Builds the image as SageMaker takes it and pushes it to Amazon ECR. Run again, it pushes what changed.
#
#   ./build_and_push.sh [--dry-run] [NAME]
#
# NAME is the repository, kindred unless given. --dry-run prints every command and runs none of them.
#
#   AWS_REGION   where to push; else AWS_DEFAULT_REGION, else what `aws configure` says
#   REGISTRY     another registry host; else <account>.dkr.ecr.<region>.amazonaws.com
#   TAG          the version tag; else `git describe --always --dirty`. `latest` is pushed as well
#   LEDGER       what `kindred-aws cleanup` takes away again; else kindred-aws.ledger.jsonl in this folder
#
# It keeps to what bash 3.2 knows, which is the bash of macOS, and to what both AWS CLI 1 and 2 know.
set -euo pipefail
# A user's settings for reading are AWS CLI 2's own: a pager, prompts, errors in JSON. What tools say of a failure is
# looked for in English; CDPATH makes cd talk.
export AWS_PAGER="" AWS_CLI_AUTO_PROMPT=off AWS_CLI_ERROR_FORMAT=legacy LC_ALL=C
unset CDPATH
root=$(cd "$(dirname "$0")" && pwd -P)
ledger=${LEDGER:-kindred-aws.ledger.jsonl}

# SageMaker pulls for inference pipelines with its own identity, and asks the repository's policy.
policy='{"Version":"2012-10-17","Statement":[{"Sid":"SageMakerPull","Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:BatchCheckLayerAvailability"]}]}'

main() {
  trap 'say "stopped; run it again: what is built and pushed stays (kindred-aws cleanup takes it away)"; exit 130' INT TERM
  read_arguments "$@"
  need_tools
  tag=$(version_tag)
  region=$(region_name)
  # AWS CLI 1 reads the one of these, AWS CLI 2 the other as well.
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  host=$(registry_host)
  image=$host/$name

  make_repository
  log_in
  build
  push
  refuse_oci
  report
}

say() {
  echo "build_and_push.sh: $*" >&2
}

fail() {
  say "$@"
  exit 1
}

read_arguments() {
  dry_run=no
  name=kindred
  for argument in "$@"; do
    case $argument in
      --dry-run) dry_run=yes ;;
      -h | --help)
        sed -n '2,11s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
      -*) fail "there is no option '$argument' (valid: --dry-run)" ;;
      *) name=$argument ;;
    esac
  done
  case $name in
    *[!a-z0-9._/-]* | [!a-z0-9]* | ?)
      fail "ECR takes no repository called '$name'; lower-case letters and digits are right, and . _ - / between them"
      ;;
  esac
}

need_tools() {
  [ "$dry_run" = no ] || return 0
  command -v aws >/dev/null || fail "the AWS CLI is missing; install it: https://aws.amazon.com/cli"
  command -v docker >/dev/null || fail "Docker is missing; install it: https://docs.docker.com/get-docker"
  engine_answers
  docker buildx version >/dev/null 2>&1 || fail "Docker has no buildx; install the plugin: https://docs.docker.com/go/buildx"
  log=$(mktemp) || fail "no temporary file can be made; is the disk full, or TMPDIR wrong?"
  trap 'rm -f "$log"' EXIT
}

engine_answers() {
  local said
  said=$(docker info 2>&1) && return
  case $said in
    *"permission denied"*) fail "the Docker Engine lets you not in; join its group (sudo usermod -aG docker \$USER) and log in again" ;;
    *) fail "no Docker Engine answers; start Docker Desktop, or sudo systemctl start docker (docker info says why)" ;;
  esac
}

version_tag() {
  if [ -n "${TAG:-}" ]; then
    echo "$TAG"
  else
    git -C "$root" describe --always --dirty 2>/dev/null ||
      fail "git knows no version here; name one: TAG=0.1.0 ./build_and_push.sh"
  fi
}

region_name() {
  local region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
  if [ -z "$region" ] && command -v aws >/dev/null; then
    region=$(aws configure get region || true)
  fi
  [ -n "$region" ] || fail "no region is set; name one: AWS_REGION=eu-west-1 ./build_and_push.sh"
  echo "$region"
}

domain() {
  case $region in
    cn-*) echo amazonaws.com.cn ;;
    eusc-*) echo amazonaws.eu ;;
    us-iso-*) echo c2s.ic.gov ;;
    us-isob-*) echo sc2s.sgov.gov ;;
    us-isof-*) echo csp.hci.ic.gov ;;
    eu-isoe-*) echo cloud.adc-e.uk ;;
    *) echo amazonaws.com ;;
  esac
}

registry_host() {
  local account
  if [ -n "${REGISTRY:-}" ]; then
    echo "$REGISTRY"
    return
  fi
  if [ "$dry_run" = yes ]; then
    echo "account=\$(aws sts get-caller-identity --query Account --output text)" >&3
    account="\$account"
  else
    account=$(account_number)
  fi
  echo "$account.dkr.ecr.$region.$(domain)"
}

account_number() {
  local said
  if said=$(aws sts get-caller-identity --query Account --output text 2>&1); then
    echo "$said"
    return
  fi
  say "$said"
  fail "$(printf '%s' "$said" | advice "AWS does not know you; run 'aws configure', or 'aws sso login', or set AWS_PROFILE")"
}

# An existing repository keeps its settings and its policy: they may be somebody's choice. One without any is given ours,
# as after a run that was stopped half way.
make_repository() {
  local delete withdraw
  delete='{"kind":"Call","service":"ecr","operation":"DeleteRepository","parameters":{"repositoryName":"'$name'","force":true},"why":"delete the repository '$name'","accept":["^RepositoryNotFoundException"]}'
  withdraw='{"kind":"Call","service":"ecr","operation":"DeleteRepositoryPolicy","parameters":{"repositoryName":"'$name'"},"why":"take its policy from '$name'","accept":["^Repository(Policy)?NotFoundException"]}'
  if there; then
    if has_policy; then return; fi
  else
    create "repository $name" "$delete" "you need ecr:CreateRepository; ask for it, or for a repository called '$name'" \
      aws ecr create-repository --region "$region" --repository-name "$name" \
      --image-scanning-configuration scanOnPush=true
  fi
  create "policy of the repository $name" "$withdraw" \
    "you need ecr:SetRepositoryPolicy; without the policy, inference pipelines cannot pull the image" \
    aws ecr set-repository-policy --region "$region" --repository-name "$name" --policy-text "$policy"
}

there() {
  local said
  [ "$dry_run" = no ] || return 1
  said=$(aws ecr describe-repositories --region "$region" --repository-names "$name" 2>&1) && return
  case $said in *RepositoryNotFoundException*) return 1 ;; esac
  say "$said"
  fail "$(printf '%s' "$said" | advice "you need ecr:DescribeRepositories in region $region, to see whether '$name' is there")"
}

# Who may not read the policy is not stopped by that: it is left as it is.
has_policy() {
  local said
  said=$(aws ecr get-repository-policy --region "$region" --repository-name "$name" 2>&1) && return
  case $said in *RepositoryPolicyNotFoundException*) return 1 ;; esac
}

# create WHAT UNDO HINT COMMAND...: runs the command between two lines of the ledger (scripts/aws/ledger.py): whatever
# happens in between, `kindred-aws cleanup` knows of it. Only a plain no of AWS means that nothing stands there.
create() {
  local what=$1 undo=$2 account number where
  shift 2
  if [ "$dry_run" = yes ]; then
    run "$@"
    return
  fi
  account=$(account_number)
  number=$(printf '%04x%04x%04x%04x' $RANDOM $RANDOM $RANDOM $RANDOM)
  mend_ledger
  where='"account":"'$account'","region":"'$region'"'
  note '"number":"'"$number"'","event":"intend","what":"'"$what"'",'"$where"',"undo":['"$undo"']'
  if (run "$@"); then
    note '"number":"'"$number"'","event":"made"'
    return
  fi
  if grep -q 'An error occurred (' "$log" && ! grep -qE '\((Internal|Server|ServiceUnavailable|50)' "$log"; then
    note '"number":"'"$number"'","event":"failed"'
  fi
  exit 1
}

note() {
  echo '{"at":"'"$(date -u +%Y-%m-%dT%H:%M:%S+00:00)"'",'"$1"'}' >>"$ledger" ||
    fail "the ledger $ledger cannot be written; make room, mend its permissions, or name another file: LEDGER=..."
}

# A last line without its end was cut short by a crash, and never acted upon.
mend_ledger() {
  [ -s "$ledger" ] && [ -n "$(tail -c 1 "$ledger")" ] || return 0
  sed '$d' "$ledger" >"$log" && cat "$log" >"$ledger"
}

log_in() {
  if [ "$dry_run" = yes ]; then
    echo "aws ecr get-login-password --region $region | docker login --username AWS --password-stdin $host" >&3
    return
  fi
  local token
  token=$(password 2>"$log") || {
    cat "$log" >&2
    fail "$(advice "AWS gives no password for its registry; you need ecr:GetAuthorizationToken in region $region" <"$log")"
  }
  printf '%s' "$token" | run "the registry $host refuses the login; is it this account's and region's?" \
    docker login --username AWS --password-stdin "$host" || exit 1
}

# AWS CLI 1 before 1.17.10 only knows get-login, which prints `docker login -u AWS -p PASSWORD HOST`.
password() {
  case $(aws --version 2>&1) in
    aws-cli/1.[0-9].* | aws-cli/1.1[0-6].* | aws-cli/1.17.[0-9]\ *)
      aws ecr get-login --no-include-email --region "$region" | awk '{print $6}'
      ;;
    *) aws ecr get-login-password --region "$region" ;;
  esac
}

# SageMaker refuses OCI manifests and image indexes: a Docker manifest, one platform, no attestations.
build() {
  run "the build failed; the step above says why" \
    docker buildx build --platform linux/amd64 --provenance=false --sbom=false --output type=docker \
    --tag "$image:$tag" --tag "$image:latest" "$root"
}

push() {
  for pushed in "$tag" latest; do
    run "the push failed; is the network there, and may you push to '$name' (ecr:PutImage)?" docker push "$image:$pushed"
  done
}

# The build asks for a Docker manifest; some engines push what they like all the same.
refuse_oci() {
  [ "$dry_run" = no ] || return 0
  case $(docker buildx imagetools inspect --raw "$image:$tag" 2>/dev/null || true) in
    *application/vnd.oci.image*)
      fail "the engine pushed an OCI manifest, which SageMaker refuses; turn its containerd image store off and run this again"
      ;;
  esac
}

report() {
  [ "$dry_run" = no ] || return 0
  docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image:$tag" | grep -F "$image@" >&3 || true
  echo "$image:$tag" >&3
}

# run HINT COMMAND...: runs the command, and on failure ends with the hint; a dry run prints it, fit to be pasted.
run() {
  local hint=$1
  shift
  if [ "$dry_run" = yes ]; then
    show "$@" >&3
    return
  fi
  "$@" 2>&1 | tee "$log" >&2 && return
  if [ "${PIPESTATUS[0]}" = 0 ]; then
    fail "the disk is full; make room ('docker system prune' helps) and run this again"
  fi
  fail "$(advice "$hint" <"$log")"
}

# What a command said of its failure, on stdin, told as what to do; where it said nothing known, the hint. A here-document
# would need room on the disk, and that may be what is missing.
advice() {
  local said
  said=$(cat)
  shopt -s nocasematch
  on 'no space left on device|disk quota exceeded' \
    "the disk is full; make room ('docker system prune' helps) and run this again: what was pushed stays"
  on 'unable to locate credentials|partial credentials|config profile .* could not be found|error loading sso token' \
    "AWS does not know you; run 'aws configure', or 'aws sso login', or set AWS_PROFILE"
  on 'InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|security token .* is invalid' \
    "AWS does not know this key; set both its halves again with 'aws configure'"
  on 'error (storing|saving|getting) credentials|docker-credential-.*not found' \
    "Docker's store of passwords does not work; correct \"credsStore\" in ~/.docker/config.json, or take it out"
  on 'expired|no basic auth credentials' \
    "the login has expired; 'aws sso login' or new keys, and run this again"
  on 'is immutable|tag already exists' \
    "this repository keeps its tags as they are; name another version: TAG=0.1.1 ./build_and_push.sh"
  on 'name unknown|repository .* does not exist' \
    "the registry has no such repository; create it, or leave REGISTRY unset"
  on 'invalid reference format|invalid tag' \
    "the tag has a form that Docker does not take; name another: TAG=0.1.0 ./build_and_push.sh"
  on 'could not connect to the endpoint url' \
    "AWS does not answer; is region '$region' written right, and the network there?"
  on 'received unexpected http status: 5|500 internal server error|503 service unavailable' \
    "the registry has a problem of its own, such as a full disk; run this again in a minute"
  on 'i/o timeout|connection reset|connection refused|handshake timeout|no such host|name resolution|unexpected EOF' \
    "the network broke; run this again: it goes on where it stopped"
  on 'toomanyrequests|rate limit' \
    "the registry of the base image limits pulls; 'docker login', or wait an hour"
  on 'exec format error' \
    "this machine runs no linux/amd64; install it: docker run --privileged --rm tonistiigi/binfmt --install amd64"
  on 'LimitExceeded' \
    "a quota of the account is used up; delete old images or repositories, or raise it in Service Quotas"
  echo "$1"
}

on() {
  [[ $said =~ $1 ]] || return 0
  echo "$2"
  exit
}

# Words that need it are put in quotes; $account is left for the shell to fill in.
show() {
  local line="" word
  for word in "$@"; do
    case $word in
      *[\ \{\&\;\(]*) word="'$word'" ;;
    esac
    line="$line${line:+ }$word"
  done
  echo "$line"
}

# What is printed for use (commands of a dry run, the digest and the image) goes to stdout; all else to stderr.
exec 3>&1
main "$@"
