#!/bin/bash
# Usage: offer-newer.sh PACKAGE...   Makes an archive of these packages as they are installed, with a newer version, and the node's only one.
set -euo pipefail
readonly archive=/srv/archive
rm -rf "$archive"
mkdir -p "$archive"

repack() {
  local name=$1 folder path script control
  folder=$(mktemp -d)
  dpkg-query --listfiles "$name" | while read -r path; do
    # Docker's Debian leaves out documentation.
    if [[ ! -d $path && -e $path ]]; then cp --parents --no-dereference --preserve=mode "$path" "$folder"; fi
  done
  mkdir "$folder/DEBIAN"
  chmod 0755 "$folder" "$folder/DEBIAN"
  for script in preinst postinst prerm postrm conffiles triggers; do
    if path=$(dpkg-query --control-path "$name" "$script") && [[ $path ]]; then cp "$path" "$folder/DEBIAN"; fi
  done
  control=$(dpkg-query --status "$name" | awk '/^[^ ]/ { skip = /^(Status|Conffiles):/ } !skip' | sed 's/^Version: .*/&+newer/')
  echo "$control" > "$folder/DEBIAN/control"
  dpkg-deb -Znone --root-owner-group --build "$folder" "$archive/$name.deb" > /dev/null
  rm -r "$folder"
  printf '%s\nFilename: ./%s.deb\nSize: %s\nSHA256: %s\n\n' "$control" "$name" "$(stat --format=%s "$archive/$name.deb")" \
    "$(sha256sum < "$archive/$name.deb" | cut -d ' ' -f 1)" >> "$archive/Packages"
}

for package in "$@"; do repack "$package"; done
echo "deb [trusted=yes] file:$archive ./" > /etc/apt/sources.list
rm -f /etc/apt/sources.list.d/*
