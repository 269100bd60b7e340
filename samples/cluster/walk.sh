#!/usr/bin/env bash
# A cluster on this machine: a coordinator, workers that come, go and are killed, the model in the middle of training, and what it makes of new classes. See README.md here.
# Settings are taken from the environment: ITERATIONS, EPISODES, OUT, METAMAP.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
readonly out=${OUT:-$root/runs/cluster-$(date +%Y%m%d-%H%M%S)} iterations=${ITERATIONS:-300}
read -ra metamap <<< "${METAMAP:-$root/metamap}"
mkdir -p "$out"
"${metamap[@]}" --version > "$out/version"

# Ends with the script, however that ends.
trap 'kill $(jobs -p) 2> /dev/null || true; wait' EXIT

# Prints one figure of the run, such as its iteration.
figure() {
  "${metamap[@]}" run status walk --json | sed -n "s/.*\"$1\":\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p"
}

# Waits until the run has committed so many iterations.
until_iteration() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    local now
    now=$(figure iteration 2> /dev/null || true)
    [ "${now:-0}" -lt "$1" ] || return 0
    kill -0 "$coordinator" 2> /dev/null || break
    sleep 0.5
  done
  echo "the run did not come to iteration $1; the logs are in $out" >&2
  return 1
}

echo "A coordinator begins a run and waits for workers."
"${metamap[@]}" coordinator --port 0 --http-port 0 --runs "$out/runs" --name walk --iterations "$iterations" 2> "$out/coordinator.log" &
coordinator=$!
# Its first line names the addresses: coordinator at HOST:PORT, HTTP at URL; ...
until address=$(sed -n 's/^coordinator at \([^,]*\), HTTP at \([^;]*\);.*/\1 \2/p' "$out/coordinator.log" 2> /dev/null) && [ -n "$address" ]; do
  kill -0 "$coordinator" 2> /dev/null || { cat "$out/coordinator.log" >&2; exit 1; }
  sleep 0.2
done
read -r cluster METAMAP_URL <<< "$address"
readonly cluster
export METAMAP_URL

echo "Two workers join."
"${metamap[@]}" worker --coordinator "$cluster" --threads 1 2> "$out/worker-1.log" &
first=$!
"${metamap[@]}" worker --coordinator "$cluster" --threads 1 2> "$out/worker-2.log" &
until_iteration $((iterations / 10))

echo "One of them is killed; what it was computing goes to the other."
kill -KILL "$first"
wait "$first" 2> /dev/null || true
until_iteration $((iterations / 5))
"${metamap[@]}" model --out "$out/midway.safetensors" > /dev/null
echo "The model as it is now is in midway.safetensors."

echo "A third one joins, and the run ends."
"${metamap[@]}" worker --coordinator "$cluster" --threads 1 2> "$out/worker-3.log" &
until_iteration "$iterations"
"${metamap[@]}" model --out "$out/model.safetensors" > /dev/null

echo "Accuracy on classes that nothing was trained on, midway and at the end:"
for model in midway model; do
  "${metamap[@]}" evaluate --file "$out/$model.safetensors" --episodes "${EPISODES:-200}" --json | sed -n "s/.*\"test_accuracy\":\\([0-9.]*\\).*/$model \\1/p"
done
"${metamap[@]}" run audit "$out/runs/walk"
