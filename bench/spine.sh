#!/usr/bin/env bash
# What the spine promises, measured: glyphs in 3 minutes, Omniglot in 10, a worker's memory, the cluster's cost.
# Usage: bench/spine.sh [glyphs|omniglot|memory|cluster ...]   (all of them by default; Omniglot is read from $OMNIGLOT,
# default ../shared/data/omniglot). One PASS or FAIL line each; exit code 1 when one fails.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
omniglot=${OMNIGLOT:-$root/../shared/data/omniglot}
failed=0

# field NAME: the value of a field in the last JSON line of standard input.
field() { tail -n 1 | sed -E "s/.*\"$1\":\"?([^,\"}]*).*/\1/"; }

# verdict NAME CONDITION TEXT: an awk condition.
verdict() {
  if awk "BEGIN { exit !($2) }"; then echo "PASS $1: $3"; else echo "FAIL $1: $3"; failed=1; fi
}

# A whole `metamap train` from its first to its last second.
timed_train() {
  local name=$1 seconds_allowed=$2 accuracy_wanted=$3
  shift 3
  local start=$SECONDS
  "$root/metamap" train --json --out "$work/$name" "$@" > "$work/$name.log"
  local seconds=$((SECONDS - start)) accuracy interval
  accuracy=$(field test_accuracy < "$work/$name.log")
  interval=$(field test_ci95 < "$work/$name.log")
  verdict "$name" "$seconds <= $seconds_allowed && $accuracy >= $accuracy_wanted" \
    "test accuracy $accuracy +/- $interval (wanted $accuracy_wanted), $(field test_episodes < "$work/$name.log") episodes, $seconds s in all (allowed $seconds_allowed), $(field episodes_per_second < "$work/$name.log") episodes/s"
}

glyphs() { timed_train glyphs 180 0.80; }

# 10 minutes of training; the time here includes the evaluation of 600 episodes.
omniglot() {
  timed_train omniglot 600 0.95 --config "$root/bench/omniglot-5w1s.json" --data "$omniglot"
}

# Resident memory of a worker process over more than 500 iterations.
memory() {
  "$root/metamap" train --json --workers 1 --threads 2 --iterations 620 --filters 32 --queries 1 --eval-episodes 0 \
    --out "$work/memory" > "$work/memory.log" &
  local train=$! early='' late='' worker iteration
  while kill -0 $train 2> /dev/null; do
    worker=$(pgrep -P $train -f 'worker --coordinator' | head -n 1 || true)
    iteration=$(tail -n 1 "$work/memory.log" 2> /dev/null | field iteration)
    if [ -n "$worker" ] && [[ $iteration =~ ^[0-9]+$ ]]; then
      local now
      now=$(awk '/VmRSS/ { print $2 }' "/proc/$worker/status" 2> /dev/null || true) # nothing of a process that ends
      if [ "$iteration" -ge 100 ] && [ -n "$now" ]; then
        early=${early:-$now}
        late=$now
      fi
    fi
    sleep 0.2
  done
  wait $train
  verdict memory "${early:-0} > 0 && ${late:-0} > 0 && ${late:-0} < 1.1 * ${early:-0}" \
    "a worker's resident memory was $((early / 1024)) MiB at iteration 100 and $((late / 1024)) MiB at iteration 620"
}

# The cluster's cost over a bare loop, and the same bits from all.
cluster() { "$root/metamap" bench --iterations 60 --queries 1 && echo "PASS cluster: the same bits from all"; }

for name in "${@:-glyphs omniglot memory cluster}"; do
  for part in $name; do $part || failed=1; done
done
exit $failed
