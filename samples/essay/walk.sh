#!/usr/bin/env bash
# The essay's three steps, see README.md here: a plain CNN learns MNIST, is meta-learned on other images, and adapts to classes that nothing was trained on.
# Settings are taken from the environment: MNIST (folder with its four files), OUT, EPOCHS, ITERATIONS, EPISODES, TASKS (dataset of steps b and c), METAMAP.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
readonly out=${OUT:-$root/runs/essay-$(date +%Y%m%d-%H%M%S)}
readonly mnist=${MNIST:-$root/data/mnist}
read -ra metamap <<< "${METAMAP:-$root/metamap}"
read -ra tasks <<< "${TASKS:---dataset glyphs}"
# Every step gives the network pixels as (x - 0.5) / 0.5: step a by default, the others by what --init finds or by these options.
readonly pixels=(--pixel-mean 0.5 --pixel-std 0.5)
readonly few_shot=(train "${tasks[@]}" --algorithm feature-offset --model cnn --ways 5 --shots 5 --queries 5 --meta-lr 0.001 --eval-episodes "${EPISODES:-600}" --http-port 0)

# The test accuracy that a run has written.
accuracy() {
  sed -n 's/^ *"test_accuracy": *\([0-9.]*\).*/\1/p' "$out/$1/result.json"
}

[ -e "$mnist" ] || "${metamap[@]}" data download mnist --data "$mnist"

echo "a. The plain CNN learns MNIST, supervised."
"${metamap[@]}" train --supervised --dataset mnist --data "$mnist" --model cnn --epochs "${EPOCHS:-1}" --http-port 0 --out "$out/mnist"

echo "b. It is meta-learned: g(x) = f(x) + theta, f is shared by all tasks and starts where step a ended, theta is each task's own."
"${metamap[@]}" "${few_shot[@]}" --init "$out/mnist/model.safetensors" --iterations "${ITERATIONS:-1000}" --out "$out/adapted"

echo "c. The mapping of b serves new tasks, of classes that nothing was trained on; beside it what the steps before were worth."
"${metamap[@]}" "${few_shot[@]}" --init "$out/mnist/model.safetensors" --iterations 0 --out "$out/not-meta-learned"
"${metamap[@]}" "${few_shot[@]}" "${pixels[@]}" --iterations 0 --out "$out/untrained"
"${metamap[@]}" "${few_shot[@]}" "${pixels[@]}" --iterations "${ITERATIONS:-1000}" --out "$out/from-random"

echo
LC_ALL=C printf '%-52s %.4f\n' \
  "MNIST test images, after step a" "$(accuracy mnist)" \
  "new classes, untrained network with offsets" "$(accuracy untrained)" \
  "new classes, network of a with offsets (no step b)" "$(accuracy not-meta-learned)" \
  "new classes, step b alone (from random values)" "$(accuracy from-random)" \
  "new classes, steps a and b" "$(accuracy adapted)"
