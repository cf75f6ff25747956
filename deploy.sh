#!/usr/bin/env bash
# Brings the filter to an Istio gateway: ./deploy.sh COMMAND [VALUES] [OPTION…]; ./deploy.sh --help lists them.
#
# VALUES is the file `signpost render` takes. Nothing is changed that was not shown before.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$project/envoy-local/install.sh" node-modules
# In the caller's directory: VALUES, --kubeconfig and KUBECONFIG are paths of theirs.
exec node --import "file://$project/node_modules/tsx/dist/loader.mjs" "$project/deploy/main.ts" "$@"
