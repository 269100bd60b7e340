#!/usr/bin/env bash
# Real coordinators and workers train while nodes are killed, stopped, cut off, slowed and restarted at random moments;
# then every version seen, and the final model, must have the bits of an undisturbed run.
# Usage: bench/chaos.sh --minutes M --seed S [--coordinators 1|3] [--workers N] [--store TEXT|postgres] [--netns] [--plan] [--json] [--keep]
#   --store postgres   a private PostgreSQL for this run (the package postgresql is needed)
# The same seed gives the same faults. One line per event, a table at the end; exit code 1 when anything was lost.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# shellcheck source=../eng/postgres.sh
. "$root/eng/postgres.sh"
"$root/metamap" prerequisites

build_log=$(mktemp)
if ! dotnet build "$root/tests/Chaos/Chaos.csproj" -c Release -v quiet --disable-build-servers -clp:NoSummary > "$build_log" 2>&1 < /dev/null; then
  grep -E ': (error|warning) ' "$build_log" | sort -u >&2
  exit 1
fi
rm -f "$build_log"

arguments=()
while [ $# -gt 0 ]; do
  if [ "$1" = --store ] && [ "${2:-}" = postgres ]; then
    ensure_postgres
    start_private_postgres
    trap stop_private_postgres EXIT
    arguments+=(--store "$private_postgres")
    shift 2
  else
    arguments+=("$1")
    shift
  fi
done

status=0
dotnet "$root/tests/Chaos/bin/Release/net10.0/MetaMap.Chaos.dll" "${arguments[@]}" || status=$?
exit $status
