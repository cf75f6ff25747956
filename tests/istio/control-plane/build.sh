#!/usr/bin/env bash
# Builds Istio's control plane and the Kubernetes API it reads, from their Go modules: no Docker, no cluster.
#
#   istio/       pilot-discovery (istiod), pilot-agent, istioctl; crane, which is both a registry and what pushes to it
#   kubernetes/  etcd, kube-apiserver, kubectl
#
# The programs go to ${SIGNPOST_CACHE:-${XDG_CACHE_HOME:-~/.cache}/signpost}, a folder for each module, named after what
# it is built from: what is there already is not built again, in no checkout of this machine. `.cache/control-plane`
# of the checkout has links to the folders it needs. ./envoy-local/install.sh istio calls this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly CACHE=${SIGNPOST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/signpost}
readonly LINKS=../../../.cache/control-plane

# Without pgv, the code that nobody here calls: Istio releases are built so. Without debug information: it is a tenth of
# the compiler's work. gRPC's trace page costs the linker its dead code elimination.
readonly TAGS=disable_pgv,grpcnotrace
readonly COMPILER_FLAGS=all=-dwarf=false

# The compiler trades memory for time; one process of it stays below 2 GB.
export CGO_ENABLED=0 GOWORK=off GOFLAGS="-buildvcs=false -trimpath -mod=readonly" GOGC=400

fail() {
  printf 'control-plane: error: %s\n' "$*" >&2
  exit 1
}

# Go gets itself a newer version, unless it is told not to.
require_go() {
  local wanted
  wanted=$(sed -n 's/^go //p' istio/go.mod)
  command -v go >/dev/null ||
    fail "Go is missing: Istio's control plane is built from source; install Go $wanted or newer (https://go.dev/dl)"
  (cd istio && go env GOVERSION >/dev/null) || fail "$(cd / && go version) is too old: install Go $wanted or newer (https://go.dev/dl)"
}

# The version of a dependency, from a go.mod.
go_version() {
  local module=$1 dependency=$2
  awk -v name="$dependency" '{ for (i = 1; i < NF; i++) if ($i == name && $(i + 1) ~ /^v[0-9]/) { print $(i + 1); exit } }' "$module/go.mod"
}

# What the programs say their version is.
linker_flags() {
  local variables=() variable
  case "$1" in
    istio)
      local commit
      commit=$(go_version istio istio.io/istio)
      commit=${commit##*-}
      variables=("istio.io/istio/pkg/version.buildVersion=1.31-$commit" istio.io/istio/pkg/version.buildStatus=Clean)
      ;;
    kubernetes)
      local version
      version=$(go_version kubernetes k8s.io/kubernetes)
      local parts
      IFS=. read -r -a parts <<<"${version#v}"
      local package=k8s.io/component-base/version
      variables=("$package.gitVersion=$version" "$package.gitMajor=${parts[0]}" "$package.gitMinor=${parts[1]}" "$package.gitTreeState=clean")
      ;;
  esac
  printf '%s' '-s -w'
  for variable in "${variables[@]}"; do
    printf ' -X %s' "$variable"
  done
}

# The folder for what a module is built to. All that decides what is built is in its name.
folder_of() {
  local module=$1
  local key
  key=$(cat "$module/go.mod" "$module/go.sum" build.sh <(uname -sm) | sha256sum | cut -c 1-16)
  printf '%s/%s-%s' "$CACHE" "$module" "$key"
}

# Istio's CRDs and the template of Envoy's own configuration are files of its module.
copy_istio_files() {
  local share=$1
  local source
  source=$(cd istio && go list -m -f '{{.Dir}}' istio.io/istio)
  mkdir -p "$share"
  install -m 644 "$source/manifests/charts/base/files/crd-all.gen.yaml" "$share/crds.yaml"
  # Its listeners for probes and metrics are on every address, where a pod is a network of its own; here they must not be.
  sed 's/{{ \.wildcard }}/127.0.0.1/; s/{{ \.additional_wildcard }}/::1/' \
    "$source/tools/packaging/common/envoy_bootstrap.json" >"$share/envoy_bootstrap.json"
}

build() {
  local module=$1
  local folder
  folder=$(folder_of "$module")
  if [[ ! -d $folder ]]; then
    require_go
    printf 'control-plane: %s …\n' "$module"
    local started=$SECONDS
    rm -rf "$folder.partial" # half of an earlier attempt
    mkdir -p "$folder.partial/bin"
    local tools flags
    mapfile -t tools < <(cd "$module" && go list tool)
    flags=$(linker_flags "$module")
    (cd "$module" && go build -tags "$TAGS" -gcflags "$COMPILER_FLAGS" -ldflags "$flags" \
      -o "$folder.partial/bin/" "${tools[@]}") || fail "$module: not built; what Go printed is above"
    if [[ $module == istio ]]; then
      copy_istio_files "$folder.partial/share"
    else
      mv "$folder.partial/bin/server" "$folder.partial/bin/etcd" # Go names it after its folder
    fi
    mv "$folder.partial" "$folder"
    printf 'control-plane: %s: built in %s s, into %s\n' "$module" $((SECONDS - started)) "$folder"
  fi
  ln -sfn "$folder" "$LINKS/$module"
}

# Another checkout may be building the same.
mkdir -p "$CACHE" "$LINKS"
exec 8>"$CACHE/control-plane.lock"
flock 8
build kubernetes
build istio
