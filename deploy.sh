#!/usr/bin/env bash
# Brings the filter to an Istio gateway: ./deploy.sh COMMAND [VALUES] [OPTION…]; ./deploy.sh --help lists them.
#
# VALUES is the file `signpost render` takes. Nothing is changed that was not shown before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
./envoy-local/install.sh node-modules
exec node --import tsx deploy/main.ts "$@"
