#!/bin/sh
# Keeps modules of Signpost on this machine, each as <sha256>.wasm: node-cache.sh run | once | check
#
#   run    fetches what is missing, now and every INTERVAL seconds
#   once   the same once; exit code 1 when something wanted is still missing
#   check  exit code 0 when everything wanted is there
#
# From the environment:
#   MODULES          what is wanted, one a line: <sha256 of the file> <registry>/<repository>@sha256:<of the manifest>
#   CACHE_DIR        where the files are kept (/var/lib/signpost/wasm)
#   KEEP             how many files that are no longer wanted stay, the newest ones (2)
#   INTERVAL         in seconds (30)
#   REGISTRY_CONFIG  credentials, as docker login writes them; used where the file exists (/etc/registry/config.json)
#   PLAIN_HTTP       true: the registry has no TLS
#
# Needs a POSIX shell, oras (https://oras.land), tar, gzip and sha256sum: the public image of oras has them all.
set -eu

CACHE_DIR=${CACHE_DIR:-/var/lib/signpost/wasm}
KEEP=${KEEP:-2}
INTERVAL=${INTERVAL:-30}
REGISTRY_CONFIG=${REGISTRY_CONFIG:-/etc/registry/config.json}
PLAIN_HTTP=${PLAIN_HTTP:-false}

say() {
  printf 'node-cache: %s\n' "$*"
}

# The wanted modules: "sha256 reference" a line, without comments. Fails where a line is neither.
wanted() {
  lines=$(printf '%s\n' "${MODULES:-}" |
    sed 's/#.*$//; s/[[:space:]]\{1,\}/ /g; s/^ //; s/ $//; /^$/d')
  if bad=$(printf '%s\n' "$lines" | grep -Ev '^([0-9a-f]{64} [^ @]+/[^ @]+@sha256:[0-9a-f]{64})?$'); then
    say "MODULES: not <sha256> <registry>/<repository>@sha256:<digest>: $bad" >&2
    return 1
  fi
  printf '%s\n' "$lines" | sed '/^$/d'
}

digest_of() {
  sha256sum "$1" | cut -d ' ' -f 1
}

# Whether the module of this digest is there, and whole.
has() {
  [ -f "$CACHE_DIR/$1.wasm" ] && [ "$(digest_of "$CACHE_DIR/$1.wasm")" = "$1" ]
}

# oras with what reaches the registry; it holds everything to the digest it was asked for.
registry() {
  if [ -f "$REGISTRY_CONFIG" ]; then
    set -- "$@" --registry-config "$REGISTRY_CONFIG"
  fi
  if [ "$PLAIN_HTTP" = true ]; then
    set -- "$@" --plain-http
  fi
  oras "$@"
}

# Writes an image's module to a file: plugin.wasm in its last layer, as Istio's agent takes it.
fetch_module() {
  reference=$1
  folder=$2
  repository=${reference%@*}
  layers='{{range .content.layers}}{{println .digest}}{{end}}'
  registry manifest fetch "$reference" --format go-template --template "$layers" >"$folder/layers" || return 1
  layer=$(sed '/^$/d' "$folder/layers" | tail -n 1)
  if [ -z "$layer" ]; then
    say "$reference has no layer" >&2
    return 1
  fi
  registry blob fetch "$repository@$layer" --output "$folder/layer" || return 1
  # A single file to standard output: no name in the archive makes a file anywhere.
  gzip -dc "$folder/layer" >"$folder/layer.tar" || return 1
  tar -xOf "$folder/layer.tar" plugin.wasm >"$folder/module" 2>/dev/null ||
    tar -xOf "$folder/layer.tar" ./plugin.wasm >"$folder/module" 2>/dev/null || {
    say "$reference has no plugin.wasm in its last layer" >&2
    return 1
  }
}

# Fetches a module beside its place and moves it there when it is the right one: no reader ever sees half of it.
keep() {
  sha256=$1
  reference=$2
  folder=$(mktemp -d "$CACHE_DIR/.fetch.XXXXXX") || return 1
  result=1
  if fetch_module "$reference" "$folder"; then
    found=$(digest_of "$folder/module")
    if [ "$found" = "$sha256" ]; then
      if chmod 644 "$folder/module" && mv -f "$folder/module" "$CACHE_DIR/$sha256.wasm"; then
        say "kept $sha256.wasm from $reference"
        result=0
      fi
    else
      say "refused $reference: its module has sha256 $found, wanted is $sha256" >&2
    fi
  fi
  rm -rf "$folder"
  return "$result"
}

# Removes what is no longer wanted but for the newest KEEP. Files of other names are not its own.
collect_garbage() {
  # shellcheck disable=SC2010,SC2012 # only names that are digests pass
  ls -t "$CACHE_DIR" | grep -E '^[0-9a-f]{64}\.wasm$' | while read -r file; do
    if ! grep -q "^${file%.wasm} " "$1"; then
      echo "$file"
    fi
  done | tail -n "+$((KEEP + 1))" | while read -r file; do
    rm -f "$CACHE_DIR/$file"
    say "removed $file"
  done
}

once() {
  mkdir -p "$CACHE_DIR" || return 1
  rm -rf "$CACHE_DIR"/.fetch.* # of one that was stopped in the middle
  list=$(mktemp -d "$CACHE_DIR/.fetch.XXXXXX") || return 1
  if ! wanted >"$list/wanted"; then
    rm -rf "$list"
    return 1
  fi
  missing=0
  while read -r sha256 reference; do
    has "$sha256" || keep "$sha256" "$reference" || missing=$((missing + 1))
  done <"$list/wanted"
  # While something is missing, what was there before may be needed to go back to.
  [ "$missing" -gt 0 ] || collect_garbage "$list/wanted"
  rm -rf "$list"
  [ "$missing" -eq 0 ]
}

check() {
  list=$(wanted) || return 1
  printf '%s\n' "$list" | sed '/^$/d' | while read -r sha256 _; do
    if ! has "$sha256"; then
      say "missing: $sha256.wasm" >&2
      exit 1
    fi
  done
}

case "${1:-}" in
  run)
    trap 'exit 0' TERM INT
    while :; do
      once || say "not everything is there; next try in $INTERVAL s" >&2
      sleep "$INTERVAL" &
      wait $!
    done
    ;;
  once) once ;;
  check) check ;;
  *)
    sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
