#!/usr/bin/env bash
# Builds the filter with the pinned compiler. Two builds of one tree give one digest.
#
#   ./build.sh            release: build/signpost.wasm, what is shipped
#   ./build.sh debug      build/signpost.debug.wasm, with names and a source map
#   ./build.sh test       build/unit.wasm, the pure modules behind the unit tests
#   ./build.sh cli        cli/dist/: the command line in one file, with the module beside it
#   ./build.sh image      build/image: the module as an OCI image with its SBOM, without Docker; prints the image's digest
#   ./build.sh image-docker
#                         the same image (without an SBOM) in the store of Docker, Podman or buildah
#   ./build.sh all        all of them but the images
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  sed -n '2,12s/^# \{0,1\}//p' "$0"
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

# The command line carries what it needs: it installs without dependencies.
build_cli() {
  has_target release || build_release
  # Its dependencies are CommonJS and call `require`, which a module does not have of its own.
  npx --no-install esbuild cli/src/main.ts --bundle --platform=node --format=esm --target=node20 --log-level=warning \
    --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' \
    --outfile=cli/dist/signpost.js
  chmod +x cli/dist/signpost.js
  cp build/signpost.wasm LICENSE cli/dist/
  if [[ -d schema ]]; then
    mkdir -p cli/dist/schema
    cp schema/*.json cli/dist/schema/
  fi
  local name
  for name in commander yaml; do
    printf '%s\n\n%s\n\n' "$name" "$(<"node_modules/$name/LICENSE")"
  done >cli/dist/THIRD-PARTY-LICENSES
  # npm makes the link for `npx signpost` where it finds the file it points to, which was not there before.
  npm rebuild --workspace=signpost --ignore-scripts --offline --loglevel=error >/dev/null
  report cli/dist/signpost.js
}

build_image() {
  has_target release || ./envoy-local/install.sh filter
  ./envoy-local/install.sh oras
  node --import tsx image/build.ts
}

build_image_with_docker() {
  has_target release || ./envoy-local/install.sh filter
  local tool version
  version=$(node -p 'require("./package.json").version')
  for tool in docker podman buildah; do
    if command -v "$tool" >/dev/null; then
      # Without a time and an owner of today; Docker's BuildKit takes the time from the environment.
      local options=()
      [[ $tool == docker ]] || options=(--timestamp 0)
      SOURCE_DATE_EPOCH=0 "$tool" build "${options[@]}" --tag "signpost:$version" --file image/Dockerfile build
      printf 'signpost:%s is in the store of %s\n' "$version" "$tool"
      return
    fi
  done
  printf 'build.sh: image-docker: there is no docker, podman or buildah here; ./build.sh image needs none\n' >&2
  return 1
}

has_target() {
  [[ " ${targets[*]} " == *" $1 "* || " ${targets[*]} " == *" all "* ]]
}

targets=("${@:-release}")
for target in "${targets[@]}"; do
  case "$target" in
    release | debug | test | cli | image | image-docker | all | -h | --help) ;;
    *)
      printf 'build.sh: unknown target "%s" (release, debug, test, cli, image, image-docker or all)\n' "$target" >&2
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
for target in "${targets[@]}"; do
  case "$target" in
    release) build_release ;;
    debug) build_debug ;;
    test) build_test ;;
    cli) build_cli ;;
    image) build_image ;;
    image-docker) build_image_with_docker ;;
    all)
      build_release
      build_debug
      build_test
      build_cli
      ;;
  esac
done
