#!/usr/bin/env bash
# Builds the filters of tests/sdks with the official SDKs: tests/sdks/build.sh go|rust. ./envoy-local/install.sh calls this.
#
# The modules go to .cache/sdks/LANGUAGE; what was built of the same sources with the same compiler is not built again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly LANGUAGE=$1
readonly FILTERS=(headers auth shared)
readonly OUT=$PWD/../../.cache/sdks/$LANGUAGE

compiler_version() {
  case "$LANGUAGE" in
    go) GOTOOLCHAIN=local go version ;;
    rust) (cd rust && rustc --version) ;;
  esac
}

digest() {
  {
    compiler_version
    git ls-files -z --cached --others --exclude-standard -- build.sh "$LANGUAGE" | sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d' ' -f1
}

# The sums in go.sum and Cargo.lock are what they are built from.
build_go() {
  local name
  for name in "${FILTERS[@]}"; do
    (cd go && GOOS=wasip1 GOARCH=wasm CGO_ENABLED=0 GOWORK=off GOTOOLCHAIN=local GOFLAGS="-trimpath -mod=readonly -buildvcs=false" \
      go build -buildmode=c-shared -ldflags '-s -w' -o "$OUT/$name.wasm" "./$name")
  done
}

build_rust() {
  (cd rust && CARGO_TARGET_DIR="$OUT/target" cargo build --quiet --locked --release --examples --target wasm32-wasip1)
  local name
  for name in "${FILTERS[@]}"; do
    cp "$OUT/target/wasm32-wasip1/release/examples/$name.wasm" "$OUT/$name.wasm"
  done
}

wanted=$(digest)
if [[ $(cat "$OUT/digest" 2>/dev/null) != "$wanted" ]]; then
  mkdir -p "$OUT"
  printf 'sdks: the filters in %s …\n' "$LANGUAGE"
  "build_$LANGUAGE"
  echo "$wanted" >"$OUT/digest"
fi
