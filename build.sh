#!/usr/bin/env bash
# Builds the filter with the pinned compiler. Two builds of one tree give one digest.
#
#   ./build.sh            release: build/signpost.wasm, what is shipped
#   ./build.sh debug      build/signpost.debug.wasm, with names and a source map
#   ./build.sh test       build/unit.wasm, the pure modules behind the unit tests
#   ./build.sh all
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "$0"
}

report() {
  printf '%s  %s bytes  sha256:%s\n' "$1" "$(wc -c <"$1" | tr -d ' ')" "$(sha256sum "$1" | cut -d' ' -f1)"
}

build_release() {
  npx --no-install asc --target release
  report build/signpost.wasm
}

build_debug() {
  npx --no-install asc --target debug
  report build/signpost.debug.wasm
}

build_test() {
  npx --no-install asc tests/unit/assembly/index.ts --config tests/unit/asconfig.json --target unit --outFile build/unit.wasm
  report build/unit.wasm
}

for target in "${@:-release}"; do
  case "$target" in
    release | debug | test | all | -h | --help) ;;
    *)
      printf 'build.sh: unknown target "%s" (release, debug, test or all)\n' "$target" >&2
      exit 2
      ;;
  esac
done

if [[ "${1:-}" == -h || "${1:-}" == --help ]]; then
  usage
  exit 0
fi

./envoy-local/install.sh node-modules
mkdir -p build
for target in "${@:-release}"; do
  case "$target" in
    release) build_release ;;
    debug) build_debug ;;
    test) build_test ;;
    all)
      build_release
      build_debug
      build_test
      ;;
  esac
done
