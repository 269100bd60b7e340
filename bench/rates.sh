#!/usr/bin/env bash
# How the default rates are chosen: short runs on Omniglot, 5-way 1-shot, compared on the validation classes (never on the test classes).
#   bench/rates.sh [data folder]        a line per inner and outer rate
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

readonly data=${1:-../shared/data/omniglot}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "| inner rate | outer rate | accuracy on 600 validation episodes |"
echo "| --- | --- | --- |"
for rates in "0.4 0.003" "1.0 0.001" "1.0 0.003" "1.5 0.003" "2.0 0.003"; do
  read -r inner outer <<< "$rates"
  ./metamap train --dataset omniglot --data "$data" --inner-lr "$inner" --meta-lr "$outer" --meta-lr-final 0.0003 --meta-batch 8 --block 2 \
    --iterations "${ITERATIONS:-1000}" --eval-episodes 0 --threads "${THREADS:-2}" --out "$folder/$inner-$outer" > /dev/null 2>&1
  accuracy=$(./metamap evaluate --file "$folder/$inner-$outer/model.safetensors" --data "$data" --part validation --json 2> /dev/null |
    sed 's/.*"test_accuracy":\([0-9.]*\).*"test_ci95":\([0-9.]*\).*/\1 \2/' | awk '{ printf "%.2f%% +/- %.2f", 100 * $1, 100 * $2 }')
  echo "| $inner | $outer | $accuracy |"
done
