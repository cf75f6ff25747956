#!/usr/bin/env bash
# Installs Debian packages without starting or enabling the services they bring. Run as root: apt-install.sh PACKAGE…
#
# The harness runs its own Redis and Webdis on free ports; a system-wide one nobody asked for is not left behind.
set -euo pipefail

# invoke-rc.d and deb-systemd-invoke ask this program whether a package may start its service; 101 is "no".
# https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
readonly POLICY=/usr/sbin/policy-rc.d

forbid_service_starts() {
  if [[ -e $POLICY ]]; then
    return # containers have one already, and somebody else's policy is not ours to replace
  fi
  trap 'rm -f "$POLICY"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
}

# The services a package brings, by the name systemd and sysvinit share.
services_of() {
  dpkg-query -L "$1" | sed -n 's|^/etc/init\.d/\(.*\)$|\1|p'
}

# For a policy that allowed the start, and for the next boot.
stop_and_disable() {
  local service=$1
  if [[ -d /run/systemd/system ]]; then
    systemctl disable --quiet --now "$service"
  else
    if service "$service" status >/dev/null 2>&1; then
      service "$service" stop
    fi
    update-rc.d "$service" disable
  fi
}

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]
}

fresh=()
for package in "$@"; do
  if ! is_installed "$package"; then
    fresh+=("$package")
  fi
done
if [[ ${#fresh[@]} -eq 0 ]]; then
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
forbid_service_starts
apt-get update -qq
apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${fresh[@]}"
for package in "${fresh[@]}"; do
  for service in $(services_of "$package"); do
    stop_and_disable "$service"
  done
done
