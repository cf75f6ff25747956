#!/usr/bin/env bash
# Starts the whole of Signpost on this machine and shows it at work: ./envoy-local/up.sh [--once] [--workers N] [--yes]
#
# Needs Node.js 20.19 or newer, Python 3 and apt; installs and builds the rest where it is missing (install.sh).
# Everything listens on free ports of 127.0.0.1 and is stopped at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

install=()
for argument in "$@"; do
  case "$argument" in
    --yes | -y) install+=(--yes) ;;
    --help | -h) install+=(node-modules) ;; # enough to print it
  esac
done
./envoy-local/install.sh "${install[@]}"
exec node --import tsx envoy-local/up.ts "$@"
