#!/usr/bin/env bash
# Prints the folder of prometheus and promtool. Where the machine has none, Debian's package is unpacked into the folder
# given, and not installed: that would start a service, and needs root.
set -euo pipefail
if path=$(command -v promtool) && command -v prometheus >/dev/null; then
  dirname "$path"
  exit
fi
programs=$1/prometheus
if [ ! -x "$programs/usr/bin/promtool" ]; then
  echo "unpacking Debian's prometheus (once)" >&2
  new=$programs.new
  rm -rf "$programs" "$new"
  mkdir -p "$new"
  cd "$new"
  # Only root can renew the lists of packages, where they are missing or old.
  download() { apt-get download -qq -o APT::Sandbox::User=root prometheus; }
  { download || { apt-get update -qq && download; }; } >&2 && dpkg-deb --extract prometheus_*.deb . && rm prometheus_*.deb ||
    { echo "prometheus and promtool are missing, and Debian's could not be had: put them on the PATH" >&2; exit 1; }
  mv "$new" "$programs"
fi
echo "$programs/usr/bin"
