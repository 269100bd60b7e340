#!/usr/bin/env bash
# Checks the container files without a Docker engine.
#   docker/verify.sh --quick  the files alone: Compose accepts every combination, the Dockerfiles have the expected form
#   docker/verify.sh          all of it, on Debian as root: builds the images with buildah on stand-ins for the official base images
#                             (Debian 13 with this machine's .NET), then runs their root file systems, read-only, with the command
#                             lines of docker run and of the compose files, each in a network namespace of its own on a bridge
# One line a check: ok, FAILED or skipped; exit code 1 when one failed. METAMAP_VERIFY_KEEP=1 keeps the logs; METAMAP_VERIFY_IMAGES=DIR
# keeps bases, images and packages there for the next time. docs/CONTAINERS.md says what this cannot show.
set -uo pipefail

self=$(readlink -f "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$self")")
readonly self root
readonly user=1654 # $APP_UID of the official .NET images
readonly network=10.231.77
declare -A roots=() # of each image: its root file system

for part in checks files images nodes cluster stories; do
  # shellcheck source=/dev/null
  . "$root/docker/verify/$part.sh"
done
# What this machine's environment says of MetaMap is not what is tried.
images=${METAMAP_VERIFY_IMAGES:-}
keep=${METAMAP_VERIFY_KEEP:-}
keep_images=${images:+1}
unset "${!METAMAP_@}"
prefix=metamap-verify-$$

finish() {
  echo "$failures failed, $SECONDS s"
  exit $((failures > 0))
}

clean_up() {
  trap - EXIT INT TERM
  end_nodes
  clean_images
  if [ "$keep" = 1 ]; then
    rm -rf "$work/nodes" "$work/volumes" "$work/database"
    say "logs: $logs"
  else
    rm -rf "$work"
  fi
}

build_images() {
  local image
  choose_driver || { failed "buildah has a store: $(tail -n 1 "$logs/store")"; return 1; }
  check "stand-ins for the official .NET images are made ($driver)" make_stand_ins || return
  rm -rf "$images/context"
  make_context "$images/context"
  for image in coordinator worker; do
    check "$image.Dockerfile builds" build $image "build-$image" && roots[$image]=$(root_of $image) || return
  done
  build_cuda_image
  echo "// A change of code, $(date)." >> "$images/context/src/Core/Digests.cs"
  check "coordinator.Dockerfile builds again after a change of code" build coordinator build-again
  check "its restore layer comes from the cache" took_from_cache build-again 'dotnet restore'
  check "its publish layer does not" eval '! took_from_cache build-again "dotnet publish"'
  grep -A 2 -E 'STEP .*RUN .*dotnet restore' "$logs/build-again" | cut -c 1-150 | sed 's/^/        | /'
  check "the coordinator's image has neither libtorch nor TorchSharp" \
    eval '[ -z "$(find "${roots[coordinator]}/app" -iname "*torch*" ! -name "MetaMap.*" -print -quit)" ]'
  check "no image keeps anything of NuGet or of this machine's configuration" keeps_nothing_of_the_build
  for image in "${!roots[@]}"; do say "$image: $(megabytes "${roots[$image]}") MB with its base, $(megabytes "${roots[$image]}/app") MB in /app"; done
}

# An empty folder where the configuration was mounted is all that may be left.
keeps_nothing_of_the_build() {
  local image
  for image in "${!roots[@]}"; do
    ! image_says "$image" .Env | grep -qE '^(NUGET|SSL_CERT|HTTPS?_PROXY)' && [ -z "$(find "${roots[$image]}/root" "${roots[$image]}/home" -ipath '*nuget*' -type f -print -quit)" ] || return
  done
}

# On a stand-in for PyTorch's image that has the libtorch of the worker's image in the places where PyTorch keeps its own.
build_cuda_image() {
  local base=docker.io/pytorch/pytorch:stand-in
  check "a stand-in for PyTorch's image is made" stand_in_pytorch $base "${roots[worker]}/app/libtorch" || return
  check "worker-cuda.Dockerfile builds" build worker-cuda build-worker-cuda --build-arg PYTORCH=$base && roots[worker-cuda]=$(root_of worker-cuda) || return
  check "its only libtorch is PyTorch's" eval \
    '[ "$(find "${roots[worker-cuda]}" -name libtorch_cpu.so -printf "/%P ")" = "/opt/libtorch/torch/lib/libtorch_cpu.so " ]'
}

case "${1:-}" in
  --become)
    work=$2
    become_node "$3"
    ;;
  --quick)
    check_files
    finish
    ;;
  '') ;;
  *)
    echo "usage: docker/verify.sh [--quick]" >&2
    exit 2
    ;;
esac

[ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] || { echo "docker/verify.sh needs Linux and root for network namespaces; docker/verify.sh --quick does not" >&2; exit 2; }
need ip iproute2 && need curl curl && need debootstrap debootstrap && need buildah buildah netavark ||
  { echo "docker/verify.sh needs the commands ip, curl, debootstrap and buildah with netavark (Debian 13 has packages of these names)" >&2; exit 2; }
# shellcheck source=../eng/postgres.sh
. "$root/eng/postgres.sh"
ensure_postgres
work=$(mktemp -d /var/tmp/metamap-verify-XXXXXX)
chmod 711 "$work" # the database's user passes through
logs=$work/logs
images=${images:-$work/images}
mkdir -p "$logs" "$images"
trap clean_up EXIT
trap 'exit 1' INT TERM

check_files required
build_images
export METAMAP_RUN=verify METAMAP_RUN_OPTIONS="--iterations 1000000 --filters 16"
for story in try_plain_images try_cuda_image try_compose try_tls_and_ha; do
  [ $failures = 0 ] || break
  $story
  end_nodes
done
finish
