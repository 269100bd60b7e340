#!/usr/bin/env bash
# Real coordinators and workers train while nodes are killed, stopped, cut off, slowed and restarted at random moments;
# then every version seen, and the final model, must have the bits of an undisturbed run.
# Usage: bench/chaos.sh --minutes M --seed S [--coordinators 1|3] [--workers N] [--store TEXT|postgres] [--netns] [--plan] [--json] [--keep]
#   --store postgres   a private PostgreSQL for this run (the package postgresql is needed), at the address that nodes see
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

# A server of its own: files that are removed, a random password, a free port; the nodes' namespaces reach it, too.
start_private_postgres() {
  local programs port
  programs=$(dirname "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")
  postgres_folder=$(mktemp -d)
  export PGPASSWORD
  PGPASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s' "$PGPASSWORD" > "$postgres_folder/password"
  as_postgres=()
  if [ "$(id -u)" = 0 ]; then
    as_postgres=(runuser -u postgres --)
    chown -R postgres "$postgres_folder"
  fi
  cd "$postgres_folder"
  "${as_postgres[@]}" "$programs/initdb" --pgdata data --username metamap --pwfile password --auth scram-sha-256 --no-locale --encoding UTF8 > init.log
  echo 'host all all all scram-sha-256' | "${as_postgres[@]}" tee -a data/pg_hba.conf > /dev/null
  port=$((20000 + $$ % 10000))
  "${as_postgres[@]}" "$programs/pg_ctl" --pgdata data --log log --wait --silent \
    -o "-p $port -c listen_addresses=* -c unix_socket_directories= -c max_connections=200" start
  private_postgres="Host={host};Port=$port;Database=postgres;Username=metamap"
  stop_postgres=("${as_postgres[@]}" "$programs/pg_ctl" --pgdata "$postgres_folder/data" --mode immediate --silent stop)
}

stop_private_postgres() {
  "${stop_postgres[@]}" || true
  rm -rf "$postgres_folder"
}

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
