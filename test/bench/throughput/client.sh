#!/bin/sh
# The bench's client, in its own container. Prints timings on standard output, for `transfers.ts`.
#   client.sh blobs COUNT MIB             makes new random blobs, and prints their digests
#   client.sh pull PORT CLIENTS           pulls the digests on standard input
#   client.sh push PORT CLIENTS           pushes the blobs: one POST and one PUT each
#   client.sh push-chunked PORT CLIENTS   the same by POST, PATCH and an empty PUT
set -eu

# Folder of the blobs, and of /bench/curlrc, the options of all curl calls.
cd /bench
work="$1" port="${2:-}" clients="${3:-1}"
address="https://$REGISTRY:$port"

# Calls curl for every line of `transfers`. One client takes them in turn, on one connection.
transfer() {
  parallel=""
  [ "$clients" -eq 1 ] || parallel="--parallel --parallel-immediate --parallel-max $clients"
  # shellcheck disable=SC2086 # options without blanks
  curl --config curlrc --config transfers $parallel "$@" \
    --write-out 'transfer %{http_code} %{num_redirects} %{size_download}\n'
}

# Locations for the blobs, from the answers' headers, in the order of the blobs.
locations() {
  awk 'tolower($1) == "location:" { sub(/\r$/, ""); print $2 }' answers/* | paste -d ' ' - blobs.list
}

open_uploads() {
  while read -r blob _; do
    printf 'url = %s/v2/bench/blobs/uploads/\noutput = answers/%s\n' "$address" "$blob"
  done < blobs.list > transfers
  transfer --include --data ''
}

put_blobs() {
  locations | while read -r location blob digest; do
    printf 'url = "%s%s&digest=%s"\nupload-file = blobs/%s\noutput = /dev/null\n' "$address" "$location" "$digest" "$blob"
  done > transfers
  transfer --header 'Content-Type: application/octet-stream'
}

patch_blobs() {
  locations | while read -r location blob _; do
    printf 'url = "%s%s"\nupload-file = blobs/%s\noutput = answers/%s\n' "$address" "$location" "$blob" "$blob"
  done > transfers
  transfer --include --request PATCH --header 'Content-Type: application/octet-stream' \
    --header 'Transfer-Encoding: chunked'
}

finish_uploads() {
  locations | while read -r location _ digest; do
    printf 'url = "%s%s&digest=%s"\noutput = /dev/null\n' "$address" "$location" "$digest"
  done > transfers
  transfer --request PUT --data ''
}

# Keeps the first blob to check its digest, and discards the others.
pull_blobs() {
  target=pulled
  while read -r digest; do
    printf 'url = %s/v2/bench/blobs/%s\noutput = %s\n' "$address" "$digest" "$target"
    target=/dev/null
  done > transfers
  transfer --location
}

make_blobs() {
  count="$1" mib="$2"
  rm -rf blobs answers
  mkdir blobs answers
  # All are random, and differ only at their start: a single bit makes a different blob.
  [ -e "random-$mib" ] || head -c "${mib}M" /dev/urandom > "random-$mib"
  number=100
  while [ "$number" -lt $((count + 100)) ]; do
    { head -c 4096 /dev/urandom; tail -c +4097 "random-$mib"; } > "blobs/$number"
    number=$((number + 1))
  done
  (cd blobs && sha256sum -- *) | awk '{ print $2 " sha256:" $1 }' > blobs.list
  cut -d ' ' -f 2 blobs.list
}

if [ "$work" = blobs ]; then
  make_blobs "$port" "$clients"
  exit
fi
begin=$(date +%s%N)
case "$work" in
  pull) pull_blobs ;;
  push)
    open_uploads
    put_blobs
    ;;
  push-chunked)
    open_uploads
    patch_blobs
    finish_uploads
    ;;
esac
echo "took $(($(date +%s%N) - begin)) ns"
# User and system time, of this shell and then of the programs that it ran.
times
if [ "$work" = pull ]; then sha256sum pulled | sed 's/^/pulled sha256:/'; fi
