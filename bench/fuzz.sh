#!/usr/bin/env bash
# Fuzzes every decoder with the tests' own generators, for longer than a test run would.
# Usage: bench/fuzz.sh [MINUTES]     (10 by default). A failure prints its seed: CsCheck_Seed=... repeats it.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
minutes=${1:-10}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || { echo "usage: bench/fuzz.sh [MINUTES], a whole number of 1 or more" >&2; exit 2; }

# Three decoders one after the other in the first project (the others beside them), two in the second.
export METAMAP_FUZZ_SECONDS=$((minutes * 60 / 5))
status=0
for project in Core Shared; do
  tests=tests/$project.Tests/$project.Tests.csproj
  dotnet build "$tests" -c Release -v quiet --disable-build-servers -clp:NoSummary
  dotnet test "$tests" -c Release --no-build --filter Category=Fuzz --logger "console;verbosity=detailed" < /dev/null |
    grep -E '^ *(Passed|Failed) .*Fuzz|inputs:|Set seed|made the decoder|takes longer|Exception' || status=1
  [ "${PIPESTATUS[0]}" -eq 0 ] || status=1
done
exit $status
