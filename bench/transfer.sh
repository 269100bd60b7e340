#!/usr/bin/env bash
# 100 MB of parameters to 8 workers and 100 MB of gradient back from each, twice: the run must finish, no node may warn
# of a late heartbeat, and no message may be dropped. One coordinator and 8 worker processes on loopback.
# Usage: bench/transfer.sh [WORKERS] [HIDDEN]   (default 8 workers, 32000 hidden units: 25.2 million parameters)
# Prints what was moved, how long it took and what memory it cost; one PASS or FAIL line; exit code 1 when it fails.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
workers=${1:-8}
hidden=${2:-32000}
iterations=2
work=$(mktemp -d)
pids=()
stop() { for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done; wait 2> /dev/null || true; rm -rf "$work"; }
trap stop EXIT
port=${PORT:-4153}
http=${HTTP_PORT:-8153}

"$root/metamap" --help > /dev/null # builds what has changed
metamap=(dotnet "$root/src/Cli/bin/program/MetaMap.Cli.dll")
"${metamap[@]}" coordinator --port "$port" --http-port "$http" --runs "$work/runs" --no-run 2>> "$work/coordinator.log" > /dev/null &
pids+=($!)
coordinator=$!
for i in $(seq "$workers"); do
  "${metamap[@]}" worker --coordinator "127.0.0.1:$port" --host 127.0.0.1 --threads 1 --parent $$ 2>> "$work/worker-$i.log" > /dev/null &
  pids+=($!)
done

# The start of the processes is not what is measured: everybody joins first.
deadline=$((SECONDS + ${LIMIT:-900}))
joined() { curl -sf "http://127.0.0.1:$http/api/workers" | grep -o '"worker_id"' | wc -l; }
until [ "$(joined)" = "$workers" ] || [ $SECONDS -ge $deadline ]; do sleep 0.5; done
sleep 5
for log in "$work"/*.log; do echo "--- the run begins ---" >> "$log"; done

start=$(date +%s.%N)
"${metamap[@]}" run start --url "http://127.0.0.1:$http" --name large --min-workers "$workers" \
  --dataset glyphs --model mlp --hidden "$hidden" --meta-batch "$workers" --block 1 --queries 1 --iterations $iterations \
  --inner-steps 1 --algorithm fomaml > /dev/null

# peak PID: the most memory that a process ever had, in MiB.
peak() { awk '/VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$1/status" 2> /dev/null || echo 0; }

status() { curl -sf "http://127.0.0.1:$http/api/runs/large" || true; }
field() { sed -nE "s/.*\"$1\":\"?([^,\"}]*).*/\1/p"; }

until [ "$(status | field status)" = finished ]; do
  if [ $SECONDS -ge $deadline ] || ! kill -0 $coordinator 2> /dev/null; then break; fi
  sleep 0.5
done
seconds=$(awk "BEGIN { printf \"%.1f\", $(date +%s.%N) - $start }")
run=$(status)
parameters=$(curl -sf "http://127.0.0.1:$http/api/runs/large/model/info" | field parameters || true)
worst=0
for pid in "${pids[@]:1}"; do now=$(peak "$pid"); worst=$((now > worst ? now : worst)); done
mebibytes=$(awk "BEGIN { printf \"%.0f\", ${parameters:-0} * 4 * 2 * $iterations * $workers / 1048576 }")
echo "$workers workers, ${parameters:-?} parameters: $mebibytes MiB in both directions in $seconds s, $(echo "$run" | field iteration) of $iterations iterations"
echo "peak memory: coordinator $(peak $coordinator) MiB, largest worker $worst MiB"
echo "results: $(echo "$run" | sed -nE 's/.*("results":\{[^}]*\}).*/\1/p')"

troubles=$(for log in "$work"/*.log; do sed '1,/^--- the run begins ---$/d' "$log"; done | grep -E 'eartbeat|frame|versized|dropped|warn:|fail:|crit:' || true)
if [ "$(echo "$run" | field status)" = finished ] && [ -z "$troubles" ]; then
  echo "PASS transfer: no late heartbeat, no dropped frame, no other warning"
else
  echo "FAIL transfer: status '$(echo "$run" | field status)'"
  echo "$troubles" | sort | uniq -c | sort -rn | head -20
  exit 1
fi
