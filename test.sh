#!/usr/bin/env bash
# Runs the tests: ./test.sh [tier…]; without an argument all tiers but compose and istio, the fast ones first.
#
#   lint     formatting, types, eslint, shellcheck; two builds give one digest
#   unit     the pure modules, as compiled Wasm
#   host     the Proxy-Wasm host for Node
#   sdk      the AssemblyScript SDK, on that host
#   filter   the release module, on that host
#   cli      the command line, as it is built and packed
#   deploy   the OCI image, deploy.sh and the node cache, with a real registry and Envoy
#   envoy    the release module on the real Envoy, with real Redis, Webdis and routing service
#   conformance
#            the public suite for HTTP caches, through the real Envoy
#   chaos    the parts of envoy under load, while parts are stopped, hang or talk garbage; prints its figures
#   compose  envoy-local/docker-compose.yaml and ./build.sh image-docker, on a Docker engine of its own; needs root
#   istio    a real control plane and ingress gateway; it is built from Go source once on a machine, which takes minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly DEFAULT_TIERS=(lint unit host sdk filter cli deploy envoy conformance chaos)
readonly ALL_TIERS=("${DEFAULT_TIERS[@]}" compose istio)

say() {
  printf '\n== %s\n' "$*"
}

lint() {
  npx --no-install prettier --check --log-level warn .
  npx --no-install tsc --noEmit
  npx --no-install eslint .
  ./envoy-local/install.sh shellcheck
  git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck
  local first second
  first=$(./build.sh release)
  second=$(./build.sh release)
  if [[ "$first" != "$second" ]]; then
    printf 'the build is not reproducible:\n%s\n%s\n' "$first" "$second" >&2
    return 1
  fi
}

envoy() {
  ./envoy-local/install.sh redis webdis envoy envoy@1.36.4 envoy@1.38.2
  npx --no-install vitest run --project envoy
}

conformance() {
  ./envoy-local/install.sh envoy http-cache-tests
  npx --no-install vitest run --project conformance
}

chaos() {
  ./envoy-local/install.sh redis webdis envoy
  npx --no-install vitest run --project chaos
}

compose() {
  if [[ $EUID -ne 0 ]]; then
    printf 'test.sh: compose: only root can start a Docker engine: sudo ./test.sh compose\n' >&2
    return 1
  fi
  ./envoy-local/install.sh redis webdis envoy docker
  npx --no-install vitest run --project compose
}

istio() {
  ./envoy-local/install.sh redis webdis envoy oras istio
  npx --no-install vitest run --project istio
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

say build
./build.sh release test cli
if has_tier lint; then
  say lint
  lint
fi
# The fast ones share one run, and so all cores.
fast=()
for tier in unit host sdk filter cli deploy; do
  if has_tier "$tier"; then
    fast+=(--project "$tier")
  fi
done
if has_tier cli; then
  ./envoy-local/install.sh redis webdis
fi
if has_tier deploy; then
  ./envoy-local/install.sh oras docker-registry busybox envoy
fi
if [[ ${#fast[@]} -gt 0 ]]; then
  say "the fast tiers of: ${tiers[*]}"
  npx --no-install vitest run "${fast[@]}"
fi
if has_tier envoy; then
  say envoy
  envoy
fi
if has_tier conformance; then
  say conformance
  conformance
fi
if has_tier chaos; then
  say chaos
  chaos
fi
if has_tier compose; then
  say compose
  compose
fi
if has_tier istio; then
  say istio
  istio
fi
say "all green: ${tiers[*]}"
