#!/usr/bin/env bash
# 100 MB of parameters to 8 workers and as many gradients back, over loopback: no heartbeat may be late for it.
# Usage: bench/transport.sh [WORKERS] [HIDDEN]   (build first: dotnet build src/Cli -c Release)
set -euo pipefail
cd "$(dirname "$0")/.."
workers=${1:-8} hidden=${2:-31600}
cli=(dotnet "$(find . -name MetaMap.Cli.dll -path '*Cli/*elease*' | grep -v -e tests -e /obj/ | head -1)")
logs=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true' EXIT
started=$SECONDS
"${cli[@]}" coordinator --port 4253 --http-port 8253 --runs "$logs/runs" --name transport --dataset glyphs --model mlp --hidden "$hidden" \
  --algorithm fomaml --inner-steps 1 --queries 1 --meta-batch "$workers" --block 1 --iterations 2 --eval-episodes 0 2>"$logs/coordinator.log" &
for ((i = 1; i <= workers; i++)); do
  "${cli[@]}" worker --coordinator 127.0.0.1:4253 --threads 1 2>"$logs/worker-$i.log" &
done
until curl -sf http://127.0.0.1:8253/api/runs | grep -q '"status":"\(finished\|failed\)"'; do
  kill -0 %1 || { cat "$logs/coordinator.log"; exit 1; }
  sleep 1
done
curl -sf http://127.0.0.1:8253/api/runs | head -c 600; echo
ps -o rss=,args= -C dotnet | grep 4253 | awk '{print int($1/1024) " MiB resident: " $4 " " $5}'
echo "$workers workers, 2 iterations: $((SECONDS - started)) s; logs in $logs"
if grep -hiE 'heartbeat was delayed|OversizedPayload|maximum-frame-size|error' "$logs"/*.log; then
  echo "FAILED: see above"; exit 1
fi
echo "no delayed heartbeat, no dropped frame"
