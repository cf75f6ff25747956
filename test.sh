#!/usr/bin/env bash
# Runs the tests: ./test.sh [tier…]; without an argument all tiers but rust-sdk, compose and istio.
#
#   lint     formatting, types, eslint, imports without circles, shellcheck; a second build gives the digest of the first
#   unit     the pure modules, as compiled Wasm
#   host     the Proxy-Wasm host for Node
#   sdk      the AssemblyScript SDK, on that host
#   packages the npm packages, packed, installed in empty folders with npm and pnpm, and used under Node.js 20, 22 and 24
#   filter   the release module, on that host
#   fuzz     the release module under random traffic, on that host; a minute, longer with FUZZ_STREAMS
#   go-sdk   filters written with the official Go SDK, on that host and on the real Envoy
#   cli      the command line, as it is built and packed
#   deploy   the OCI image, deploy.sh and the node cache, with a real registry and Envoy
#   envoy    the release module on the real Envoy, with real Redis, Webdis and routing service
#   conformance
#            the public suite for HTTP caches, through the real Envoy
#   chaos    the parts of envoy under load, while parts are stopped, hang or talk garbage
#   rust-sdk the same with the official Rust SDK; needs rustup
#   compose  envoy-local/docker-compose.yaml and ./build.sh image-docker, on a Docker engine of its own; needs root
#   istio    a real control plane and ingress gateway; it is built from Go source once on a machine, which takes minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly DEFAULT_TIERS=(lint unit host sdk packages filter fuzz go-sdk cli deploy envoy conformance chaos)
readonly ALL_TIERS=("${DEFAULT_TIERS[@]}" rust-sdk compose istio)

say() {
  printf '\n== %s\n' "$*"
}

lint() {
  npx --no-install prettier --check --log-level warn .
  npx --no-install tsc --noEmit
  npx --no-install eslint .
  npx --no-install depcruise --config dependency-cruiser.config.js --output-type err assembly packages cli deploy envoy-local tests bench
  git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck
  npx --no-install asc --target release --outFile build/signpost.again.wasm
  if ! cmp build/signpost.wasm build/signpost.again.wasm; then
    printf 'the build is not reproducible\n' >&2
    return 1
  fi
}

# What the tests of a tier need beside the build.
parts_of() {
  case "$1" in
    lint) echo shellcheck ;;
    packages) echo package-users ;;
    go-sdk | rust-sdk) echo "$1" envoy ;;
    cli) echo redis webdis ;;
    deploy) echo oras docker-registry busybox envoy ;;
    envoy) echo redis webdis envoy envoy@1.36.4 envoy@1.38.2 ;;
    conformance) echo envoy http-cache-tests ;;
    chaos) echo redis webdis envoy ;;
    compose) echo redis webdis envoy docker ;;
    istio) echo redis webdis envoy oras istio ;;
  esac
}

has_tier() {
  [[ " ${tiers[*]} " == *" $1 "* ]]
}

for tier in "$@"; do
  if [[ ! " ${ALL_TIERS[*]} " == *" $tier "* ]]; then
    printf 'test.sh: unknown tier "%s" (%s)\n' "$tier" "${ALL_TIERS[*]}" >&2
    exit 2
  fi
done
tiers=("${@:-${DEFAULT_TIERS[@]}}")
if has_tier compose && [[ $EUID -ne 0 ]]; then
  printf 'test.sh: compose: only root can start a Docker engine: sudo ./test.sh compose\n' >&2
  exit 1
fi

say build
./build.sh release test cli
projects=()
parts=()
for tier in "${tiers[@]}"; do
  [[ $tier == lint ]] || projects+=(--project "$tier")
  read -ra needed <<<"$(parts_of "$tier")"
  parts+=("${needed[@]}")
done
if [[ ${#parts[@]} -gt 0 ]]; then
  ./envoy-local/install.sh "${parts[@]}"
fi

# All at the same time: no test is about time, so those that compute, and the lint, use the cores while others wait.
if has_tier lint; then
  (lint) &>build/lint.log &
  lint=$!
fi
green=true
if [[ ${#projects[@]} -gt 0 ]]; then
  say "the tests of: ${tiers[*]}"
  npx --no-install vitest run "${projects[@]}" || green=false
fi
if has_tier lint; then
  say lint
  wait "$lint" || green=false
  cat build/lint.log
fi
if [[ $green == false ]]; then
  say "not green"
  exit 1
fi
say "all green: ${tiers[*]}, in $((SECONDS / 60)) min $((SECONDS % 60)) s"
