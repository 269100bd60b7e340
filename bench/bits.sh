#!/usr/bin/env bash
# The hash of the model that each kind of short run leaves: what a change that may change no bit must leave as it was.
#   bench/bits.sh > before.txt ; ... ; bench/bits.sh | diff before.txt -      on the same machine: other processors have other bits
# Needs the real data of ../shared/data for two of the lines only; says so where it is missing. About six minutes on 2 cores.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export METAMAP_CACHE=$folder/cache
count=0

# Prints "name sha256" of a run, or what it says where it cannot be trained like that.
bits() {
  local name=$1 last
  shift
  count=$((count + 1))
  last=$(./metamap train "$@" --eval-episodes 0 --out "$folder/run-$count" --json 2> "$folder/errors" | tail -n 1 || true)
  last=$(grep -o '"model_sha256":"[0-9a-f]*"' <<< "$last" | cut -d '"' -f 4 || true)
  echo "$name ${last:-$(tail -n 1 "$folder/errors")}"
}

# Twelve labels of twelve short texts, twelve tasks of twelve rows, twelve users of twelve ratings: drawn, not random.
awk 'BEGIN { for (i = 0; i < 12; i++) for (j = 0; j < 12; j++) printf "label%d\tthe %d word of kind %d and %d\n", i, j, i * 7 % 5, i * j % 11 }' > "$folder/texts.tsv"
for target in value kind; do
  awk -v target=$target 'BEGIN { print "task,x,y,z," target; for (i = 0; i < 12; i++) for (j = 0; j < 12; j++) printf "t%d,%g,%g,%g,%s\n", i, j / 12, (i * j) % 7 / 7, (i + 3 * j) % 5 / 5, target == "kind" ? (j % 2 ? "odd" : "even") : (i - 6) * j / 60 }' > "$folder/$target.csv"
done
awk 'BEGIN { print "user,item,rating"; for (i = 0; i < 12; i++) for (j = 0; j < 12; j++) printf "u%d,i%d,%d\n", i, (i * 5 + j) % 20, 1 + (i * j + j) % 5 }' > "$folder/ratings.csv"

readonly short=(--iterations 3 --meta-batch 4 --block 2)
readonly images=("${short[@]}" --filters 8)
for algorithm in maml fomaml anil boil meta-sgd maml++ reptile imaml cavia feature-offset protonet pretrain; do
  bits "glyphs/$algorithm" --algorithm "$algorithm" "${images[@]}"
  bits "text/$algorithm" --algorithm "$algorithm" --dataset text --data "$folder/texts.tsv" --ways 3 "${short[@]}"
  if [ "$algorithm" != protonet ]; then
    bits "sinusoid/$algorithm" --algorithm "$algorithm" --dataset sinusoid --shots 5 --queries 5 "${short[@]}"
    bits "ratings/$algorithm" --algorithm "$algorithm" --dataset ratings --data "$folder/ratings.csv" --shots 3 --queries 3 --inner-lr 0.01 "${short[@]}"
    bits "csv-value/$algorithm" --algorithm "$algorithm" --dataset csv --data "$folder/value.csv" --task-column task --target-column value --target value --shots 3 --queries 3 "${short[@]}"
  fi
done
bits csv-class --dataset csv --data "$folder/kind.csv" --task-column task --target-column kind --target class --ways 2 --shots 2 "${short[@]}"
for model in conv4 cnn resnet12 mlp; do
  bits "glyphs/maml/$model" --model "$model" "${short[@]}"
done
bits glyphs/momentum-recompute --inner-optimizer momentum --inner-steps 3 --recompute true --inner-clip 1 "${images[@]}"
bits glyphs/adam-median --inner-optimizer adam --inner-lr 0.01 --aggregation median --outlier-factor 10 --meta-clip 1 --meta-optimizer adamw "${images[@]}"
bits glyphs/workers-2 --workers 2 --threads 1 "${images[@]}"
bits readme/glyphs --iterations 40
if [ -d ../shared/data ]; then
  bits readme/omniglot --dataset omniglot --data ../shared/data/omniglot --iterations 10
  bits mnist --dataset mnist --data ../shared/data/mnist --ways 2 "${images[@]}"
else
  echo "readme/omniglot and mnist: there is no ../shared/data" >&2
fi
