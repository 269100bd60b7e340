#!/usr/bin/env bash
# The same bits from ten runs each of two networks that wrong kernels had changed from run to run: MAML++ at 5-way 5-shot, and
# resnet12 with 8 filters; with 1 and 2 threads and with 2 worker processes. Prints the hashes and how often each came.
#   bench/same-bits.sh          fails when a network has more than one hash
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0

check() {
  local name=$1 i how
  shift
  for i in 1 2 3 4 5 6 7 8 9 10; do
    case $((i % 3)) in 0) how="--workers 2 --threads 1" ;; 1) how="--threads 1" ;; *) how="--threads 2" ;; esac
    # shellcheck disable=SC2086
    ./metamap train "$@" --iterations 4 --meta-batch 4 --block 1 --eval-episodes 0 $how --out "$folder/$name-$i" --json 2> /dev/null |
      tail -n 1 | grep -o '"model_sha256":"[0-9a-f]*"'
  done | sort | uniq -c > "$folder/$name"
  echo "$name"
  cat "$folder/$name"
  [ "$(wc -l < "$folder/$name")" = 1 ] || status=1
}

check maml++-5w5s --algorithm maml++ --shots 5 --queries 5 --first-order-iterations 0
check resnet12-8-filters --model resnet12 --filters 8 --shots 5
exit $status
