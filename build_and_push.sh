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
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd -P)

# SageMaker pulls for inference pipelines with its own identity, and asks the repository's policy.
policy='{"Version":"2012-10-17","Statement":[{"Sid":"SageMakerPull","Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage","ecr:BatchCheckLayerAvailability"]}]}'

main() {
  trap 'fail "stopped; run it again: what is built and pushed stays"' INT TERM
  read_arguments "$@"
  need_tools
  tag=$(version_tag)
  region=$(region_name)
  host=$(registry_host)
  image=$host/$name

  make_repository
  log_in
  build
  push
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
        sed -n '2,10s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
      -*) fail "there is no option '$argument' (valid: --dry-run)" ;;
      *) name=$argument ;;
    esac
  done
}

need_tools() {
  [ "$dry_run" = no ] || return 0
  command -v aws >/dev/null || fail "the AWS CLI is missing; install it: https://aws.amazon.com/cli"
  docker info >/dev/null 2>&1 || fail "no Docker Engine answers; install Docker or start it (docker info says why)"
  docker buildx version >/dev/null 2>&1 || fail "Docker has no buildx; install the plugin: https://docs.docker.com/go/buildx"
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

registry_host() {
  local account suffix=amazonaws.com
  if [ -n "${REGISTRY:-}" ]; then
    echo "$REGISTRY"
    return
  fi
  case $region in cn-*) suffix=amazonaws.com.cn ;; esac
  if [ "$dry_run" = yes ]; then
    echo "account=\$(aws sts get-caller-identity --query Account --output text)" >&3
    account="\$account"
  else
    account=$(aws sts get-caller-identity --query Account --output text) ||
      fail "AWS does not know you; run 'aws configure', or 'aws sso login', or set AWS_PROFILE"
  fi
  echo "$account.dkr.ecr.$region.$suffix"
}

# An existing repository keeps its settings and its policy: they may be somebody's choice.
make_repository() {
  if [ "$dry_run" = no ] && aws ecr describe-repositories --region "$region" --repository-names "$name" >/dev/null 2>&1; then
    return
  fi
  run "you need ecr:CreateRepository; ask for it, or for a repository called '$name'" \
    aws ecr create-repository --region "$region" --repository-name "$name" \
    --image-scanning-configuration scanOnPush=true
  run "you need ecr:SetRepositoryPolicy; without the policy, inference pipelines cannot pull the image" \
    aws ecr set-repository-policy --region "$region" --repository-name "$name" --policy-text "$policy"
}

log_in() {
  if [ "$dry_run" = yes ]; then
    echo "aws ecr get-login-password --region $region | docker login --username AWS --password-stdin $host" >&3
    return
  fi
  password | docker login --username AWS --password-stdin "$host" >/dev/null ||
    fail "the registry $host refused the login; you need ecr:GetAuthorizationToken in region $region"
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

report() {
  [ "$dry_run" = no ] || return 0
  docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image:$tag" | grep "^$image@" >&3 || true
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
  log=$(mktemp) || fail "no temporary file can be made; is the disk full?"
  trap 'rm -f "$log"' EXIT
  "$@" 2>&1 | tee "$log" >&2 || fail "$(advice "$hint")"
  rm -f "$log"
}

# What a command said of its failure, told as what to do; where it said nothing known, the hint.
advice() {
  while read -r line; do
    if grep -qiE "${line%% => *}" "$log"; then
      echo "${line#* => }"
      return
    fi
  done <<'KNOWN'
no space left on device => the disk is full; make room ('docker system prune' helps) and run this again: what was pushed stays
expired|no basic auth credentials => the login has expired; 'aws sso login' or new keys, and run this again
is immutable|tag already exists => this repository keeps its tags as they are; name another version: TAG=0.1.1 ./build_and_push.sh
name unknown|repository .* does not exist => the registry has no such repository; create it, or leave REGISTRY unset
i/o timeout|connection reset|connection refused|handshake timeout|no such host|name resolution|unexpected EOF => the network broke; run this again: it goes on where it stopped
toomanyrequests|rate limit => the registry of the base image limits pulls; 'docker login', or wait an hour
exec format error => this machine runs no linux/amd64; install it: docker run --privileged --rm tonistiigi/binfmt --install amd64
LimitExceeded => a quota of the account is used up; delete old images or repositories, or raise it in Service Quotas
KNOWN
  echo "$1"
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
