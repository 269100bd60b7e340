#!/usr/bin/env bash
# Checks the container files without a Docker engine.
#   docker/verify.sh --check   the quick part: compose accepts the files, and the Dockerfiles have the expected form
#   docker/verify.sh           all of it, on Linux as root: publishes as the Dockerfiles do, then starts the published nodes
#                              with the command lines of compose.yml, each in a network namespace of its own (own address,
#                              own host name, own /tmp, user 1654) on a bridge: it trains, answers a query, loses a worker,
#                              gains one, loses the coordinator, and stops cleanly. Then with those of compose.ha.yml over
#                              it, and Debian's PostgreSQL as the database: the coordinator that trains is lost.
# One PASS or FAIL line per check; exit code 1 when one failed. METAMAP_VERIFY_KEEP=1 keeps the nodes' logs.
set -uo pipefail

self=$(readlink -f "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$self")")
story=(compose.yml)
readonly self root
readonly user=1654 # $APP_UID of the official .NET images
readonly network=10.231.77
failures=0

pass() { echo "PASS  $1"; }
fail() { echo "FAIL  $1"; failures=$((failures + 1)); }
check() { # check WHAT COMMAND...
  local what=$1
  shift
  if "$@"; then
    pass "$what"
  else
    fail "$what"
    return 1
  fi
}

# ---- The files -------------------------------------------------------------------------------------------------------

compose() {
  if command -v docker-compose > /dev/null; then
    docker-compose "$@"
  else
    docker compose "$@"
  fi
}

have_compose() {
  command -v docker-compose > /dev/null || docker compose version > /dev/null 2>&1
}

install_compose() {
  have_compose && return
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return
  echo "      installing the package docker-compose ..."
  apt-get update -qq > /dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker-compose > /dev/null 2>&1
  have_compose
}

# The configuration out of compose files, resolved.
resolved() {
  local file files=()
  for file in "$@"; do files+=(-f "$root/docker/$file"); done
  compose "${files[@]}" config
}

compose_accepts() {
  resolved "$@" > /dev/null
}

# The one publish command of a Dockerfile, as written.
publish_command() {
  sed -n 's/^RUN \(dotnet publish .* -o \/app\)$/\1/p' "$root/docker/$1.Dockerfile"
}

# What the build stage of a Dockerfile copies from the build context.
build_context() {
  sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' "$root/docker/$1.Dockerfile" | grep -v '^docker/'
}

has_publish_command() {
  [ "$(publish_command "$1" | wc -l)" = 1 ] && [ -n "$(build_context "$1")" ]
}

check_files() {
  if have_compose; then
    check "compose accepts compose.yml" compose_accepts compose.yml
    METAMAP_TLS=/tls check "compose accepts compose.tls.yml over it" compose_accepts compose.yml compose.tls.yml
    METAMAP_DATABASE_PASSWORD=secret check "compose accepts compose.ha.yml over it" compose_accepts compose.yml compose.ha.yml
  elif [ "${1:-}" = required ]; then
    fail "docker-compose is there (the Debian package docker-compose)"
  else
    echo "SKIP  compose files: docker-compose is not installed"
  fi
  check "coordinator.Dockerfile publishes in one command" has_publish_command coordinator
  check "worker.Dockerfile publishes in one command" has_publish_command worker
}

# The words of a service's command, environment or health check, one a line, out of the compose files of the story.
service_words() { # service_words SERVICE KEY
  resolved "${story[@]}" | awk -v service="$1" -v key="$2" '
    /^  [a-z0-9-]+:$/ { inside = ($1 == service ":") }
    !inside { next }
    collecting {
      match($0, /^ */)
      if (RLENGTH > indent || (RLENGTH == indent && $1 == "-")) { sub(/^ *(- )?/, ""); text = text " " $0; next }
      collecting = 0
    }
    $1 == key ":" { match($0, /^ */); indent = RLENGTH; sub(/^ *[a-z]+: */, ""); text = $0; collecting = 1 }
    END { gsub(/["\047]/, "", text); count = split(text, words, " "); for (i = 1; i <= count; i++) print words[i] }'
}

# ---- Images: what the build stages make ------------------------------------------------------------------------------

publish() { # publish IMAGE: the files that the image would have in /app
  local image=$1 context=$work/context/$1 command sources
  command=$(publish_command "$image")
  read -r -d '' -a sources < <(build_context "$image")
  mkdir -p "$context" "$work/images/$image"
  tar -C "$root" --exclude=bin --exclude=obj -cf - "${sources[@]}" | tar -C "$context" -xf - || return
  command=${command/-o \/app/-o $work/images/$image}
  if ! (cd "$context" && TORCH_BACKEND=cpu bash -c "$command --disable-build-servers") > "$work/logs/publish-$image" 2>&1 < /dev/null; then
    tail -n 20 "$work/logs/publish-$image"
    return 1
  fi
  rm -rf "$context"
  echo "      $image: $(du -sm "$work/images/$image" | cut -f1) MB in /app"
}

has_no_libtorch() {
  [ -z "$(find "$work/images/coordinator" \( -iname '*libtorch*' -o -name 'libc10*' \) -print -quit)" ]
}

# ---- Nodes: a network namespace each, as a container has -------------------------------------------------------------

declare -A pids=()

in_switch() { ip netns exec "$prefix-switch" "$@"; }

make_network() {
  ip netns add "$prefix-switch" && in_switch ip link add bridge type bridge && in_switch ip link set bridge up
}

make_node() { # make_node NAME HOST-NUMBER
  local space=$prefix-$1
  ip netns add "$space" &&
    ip link add eth0 netns "$space" type veth peer name "port$2" netns "$prefix-switch" &&
    in_switch ip link set "port$2" master bridge up &&
    ip netns exec "$space" ip address add "$network.$2/24" dev eth0 &&
    ip netns exec "$space" ip link set eth0 up &&
    ip netns exec "$space" ip link set lo up || return
  # As compose does it: the own name, and the names of services.
  printf '127.0.0.1 localhost\n' > "$work/hosts-$1"
  case $1 in worker-*) printf '%s.%s %s\n' "$network" "$2" "$1" >> "$work/hosts-$1" ;; esac
  printf "$network.%s %s\n" 2 coordinator 3 coordinator-2 4 coordinator-3 5 database >> "$work/hosts-$1"
}

# Runs inside the namespaces of a node: makes its file system, takes the image's user, and becomes the command.
become_node() { # become_node NAME IMAGE VARIABLE=VALUE... -- WORD...
  local name=$1 image=$2 at=$work/roots/$1 folder dotnet variables=()
  shift 2
  while [ "$1" != -- ]; do
    variables+=("$1")
    shift
  done
  shift
  mount --make-rprivate / && mkdir -p "$at" && mount -t tmpfs -o mode=755 tmpfs "$at" || exit 1
  hostname "$name"
  dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
  for folder in bin sbin lib lib32 lib64 etc usr proc dev; do
    if [ -L "/$folder" ]; then
      cp -P "/$folder" "$at/$folder"
    elif [ -d "/$folder" ]; then
      mkdir "$at/$folder" && mount --rbind "/$folder" "$at/$folder"
    fi
  done
  mkdir "$at/tmp" "$at/app" "$at/runs" "$at/data" "$at/image" "$at/dotnet"
  chmod 1777 "$at/tmp"
  mount --bind "$work/hosts-$name" "$at/etc/hosts"
  mount --bind "$work/images/$image" "$at/app"
  mount --bind "$root/docker" "$at/image"
  mount --bind "$dotnet" "$at/dotnet"
  [ "$image" = worker ] || mount --bind "$work/runs/$name" "$at/runs"
  exec chroot --userspec=$user:$user --groups= "$at" env -i "${variables[@]}" "${in_node[@]}" "$@"
}

# The environment of the official images, with the launcher on the path.
in_node=(env PATH=/image:/dotnet:/usr/bin:/bin HOME=/tmp DOTNET_RUNNING_IN_CONTAINER=true ASPNETCORE_HTTP_PORTS=8080
  sh -c 'cd /tmp && exec metamap "$@"' metamap)

start() { # start NAME SERVICE
  local words variables
  mapfile -t words < <(service_words "$2" command)
  mapfile -t variables < <(service_words "$2" environment | paste -d ' ' - - | sed 's/: /=/')
  ip netns exec "$prefix-$1" unshare --mount --uts bash "$self" --become "$work" "$1" "${2%%-*}" "${variables[@]}" -- "${words[@]}" \
    >> "$work/logs/$1" 2>&1 < /dev/null &
  pids[$1]=$!
}

# What `docker compose exec NAME metamap ...` would do.
on() {
  local name=$1
  shift
  timeout 30 nsenter --target "${pids[$name]}" --mount --net --uts --root --setuid $user --setgid $user -- env -i "${in_node[@]}" "$@" 2>> "$work/logs/exec"
}

is_running() { kill -0 "${pids[$1]}" 2> /dev/null; }

is_healthy() { # is_healthy NAME SERVICE: the health check of compose.yml, without its CMD and metamap
  local words
  mapfile -t words < <(service_words "$2" test)
  [ "${words[0]} ${words[1]}" = "CMD metamap" ] && on "$1" "${words[@]:2}" > /dev/null
}

stop() { # stop NAME SIGNAL SECONDS: its exit code; 124 when it had to be killed
  local pid=${pids[$1]} deadline=$((SECONDS + $3)) status=0
  { # without bash's own lines about killed processes
    kill "-$2" "$pid"
    while kill -0 "$pid" && [ $SECONDS -lt $deadline ]; do sleep 0.2; done
    if kill -0 "$pid"; then
      kill -KILL "$pid"
      wait "$pid"
      return 124
    fi
    wait "$pid" || status=$?
  } 2> /dev/null
  return $status
}

restart_ended() { # `restart: unless-stopped` for these nodes
  local name
  for name in "$@"; do
    is_running "$name" && continue
    echo "      $name ended and is started again"
    start "$name" "$(service_of "$name")"
  done
}

service_of() { case $1 in worker-*) echo worker ;; *) echo "$1" ;; esac; }

# ---- What the cluster says -------------------------------------------------------------------------------------------

eventually() { # eventually SECONDS COMMAND...
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 1
  done
}

asked=coordinator # whom the following ask

iteration() { on $asked status --json | sed -n 's/.*"iteration":"\{0,1\}\([0-9]*\).*/\1/p' | head -n 1; }

has_passed() { # has_passed ITERATION
  local now
  now=$(iteration)
  [ -n "$now" ] && [ "$now" -gt "$1" ]
}

workers() { on $asked workers --json | grep "\"status\":\"ready\""; }

are_registered() { # are_registered HOST-NUMBER...: exactly the workers at these addresses are ready
  local expected seen
  expected=$(printf "$network.%s\n" "$@" | sort)
  seen=$(workers | grep -o "metamap@[0-9.]*" | cut -d@ -f2 | sort)
  [ "$expected" = "$seen" ]
}

has_counted() { # has_counted HOST-NUMBER: blocks of the worker there counted
  workers | grep "@$network\.$1:" | grep -Eq '"counted_blocks":[1-9]'
}

answers_model() {
  rm -f "$work/runs/$asked/model.safetensors"
  on $asked model --out /runs/model.safetensors --json > /dev/null && [ -s "$work/runs/$asked/model.safetensors" ]
}

# ---- The story -------------------------------------------------------------------------------------------------------

end_nodes() {
  local pid space
  {
    for pid in "${pids[@]}"; do kill -KILL "$pid"; done
    wait
  } 2> /dev/null
  pids=()
  for space in $(ip netns list | awk -v prefix="$prefix-" 'index($1, prefix) == 1 { print $1 }'); do ip netns delete "$space"; done
}

clean_up() {
  trap - EXIT INT TERM
  end_nodes
  if [ "${METAMAP_VERIFY_KEEP:-}" = 1 ]; then
    rm -rf "$work/images" "$work/context"
    echo "      logs: $work/logs"
  else
    rm -rf "$work"
  fi
}

tell_log() {
  echo "      the end of the log of $1:"
  tail -n 8 "$work/logs/$1" 2> /dev/null | sed 's/^/      | /'
}

run_cluster() {
  local before
  export METAMAP_RUN=verify METAMAP_RUN_OPTIONS="--iterations 1000000 --filters 16"
  make_network && make_node coordinator 2 && make_node worker-1 11 && make_node worker-2 12 && make_node worker-3 13 && make_node worker-4 14 ||
    { fail "network namespaces and a bridge can be made"; return; }

  start coordinator coordinator
  check "the coordinator is healthy" eventually 60 is_healthy coordinator coordinator || return
  start worker-1 worker
  start worker-2 worker
  start worker-3 worker
  if eventually 90 are_registered 11 12 13; then
    pass "three workers are registered, each at its own address"
  else
    fail "three workers are registered, each at its own address"
    tell_log coordinator
    tell_log worker-1
    return
  fi
  check "a worker is healthy" eventually 20 is_healthy worker-1 worker
  check "training advances" eventually 60 has_passed 3
  check "blocks of all three workers count" eventually 60 eval 'has_counted 11 && has_counted 12 && has_counted 13'
  check "the current model is served during training" answers_model

  before=$(iteration)
  stop worker-2 KILL 5
  check "training goes on after a worker is killed at iteration $before" eventually 90 has_passed $((before + 5))
  check "the killed worker is no longer counted as ready" eventually 60 are_registered 11 13

  start worker-4 worker
  check "a fourth worker registers" eventually 90 are_registered 11 13 14
  check "blocks of the fourth worker count" eventually 60 has_counted 14

  before=$(iteration)
  stop worker-1 TERM 20
  check "a worker that is stopped ends by itself with exit code 0" [ $? = 0 ]
  check "training goes on after it left" eventually 60 has_passed $((before + 5))

  before=$(iteration)
  stop coordinator KILL 5
  start coordinator coordinator
  check "a killed coordinator that is started again goes on with the run (it was at iteration $before)" eventually 180 eval \
    'restart_ended worker-3 worker-4; has_passed $((before + 5))'
  check "its workers are back" eventually 60 eval 'restart_ended worker-3 worker-4; are_registered 13 14'

  stop coordinator TERM 40
  check "the coordinator stops with exit code 0" [ $? = 0 ]
  check "the run is stored" [ -s "$work/runs/coordinator/verify/model.safetensors" ]
}

start_database() {
  local programs as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups) data=$work/database/data
  programs=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1)")
  mkdir "$work/database" && printf '%s' "$METAMAP_DATABASE_PASSWORD" > "$work/database/password" && chown -R postgres "$work/database" &&
    "${as_postgres[@]}" "$programs/initdb" -D "$data" -U metamap --pwfile "$work/database/password" --auth scram-sha-256 > "$work/logs/database" 2>&1 &&
    echo "host all all $network.0/24 scram-sha-256" >> "$data/pg_hba.conf" || return
  ip netns exec "$prefix-database" "${as_postgres[@]}" "$programs/postgres" -D "$data" -h '*' -k '' >> "$work/logs/database" 2>&1 < /dev/null &
  pids[database]=$!
  eventually 30 ip netns exec "$prefix-database" "$programs/pg_isready" -h 127.0.0.1 -U metamap > /dev/null &&
    PGPASSWORD=$METAMAP_DATABASE_PASSWORD ip netns exec "$prefix-database" "$programs/createdb" -h 127.0.0.1 -U metamap metamap
}

find_owner() { # sets owner: the coordinator that trains; the others name it
  for owner in "$@"; do
    on "$owner" status --json | grep -v '"owner"' | grep -q '"status":"training"' && return
  done
  return 1
}

run_three_coordinators() {
  local before lost coordinators=(coordinator coordinator-2 coordinator-3) others=()
  story=(compose.yml compose.ha.yml)
  export METAMAP_DATABASE_PASSWORD=verify-$$
  make_network && make_node coordinator 2 && make_node coordinator-2 3 && make_node coordinator-3 4 && make_node database 5 &&
    make_node worker-1 11 && make_node worker-2 12 || { fail "network namespaces for three coordinators can be made"; return; }
  check "the database starts" start_database || return
  start coordinator coordinator
  start coordinator-2 coordinator-2
  start coordinator-3 coordinator-3
  check "three coordinators are healthy" eventually 120 eval \
    'is_healthy coordinator coordinator && is_healthy coordinator-2 coordinator-2 && is_healthy coordinator-3 coordinator-3'
  start worker-1 worker
  start worker-2 worker
  check "the second coordinator sees both workers" eventually 90 eval 'asked=coordinator-2; are_registered 11 12'
  check "one of them trains" eventually 90 eval 'find_owner "${coordinators[@]}" && asked=$owner && has_passed 3' || { tell_log coordinator; return; }
  lost=$owner
  before=$(iteration)
  stop "$lost" KILL 5
  for asked in "${coordinators[@]}"; do [ "$asked" = "$lost" ] || others+=("$asked"); done
  check "$lost is killed at iteration $before, and another goes on" eventually 90 eval \
    'find_owner "${others[@]}" && asked=$owner && has_passed $((before + 5))' || tell_log "${others[0]}"
  start "$lost" "$lost"
  check "$lost is healthy again" eventually 90 is_healthy "$lost" "$lost"
  check "the current model is served by each" eval 'answers_model && asked=${others[0]} && answers_model && asked=${others[1]} && answers_model'
  for asked in "${coordinators[@]}"; do
    stop "$asked" TERM 40
    check "$asked stops with exit code 0" [ $? = 0 ]
  done
}

case "${1:-}" in
  --become)
    work=$2
    shift 2
    become_node "$@"
    ;;
  --check)
    check_files
    exit $((failures > 0))
    ;;
  '') ;;
  *)
    echo "usage: docker/verify.sh [--check]" >&2
    exit 2
    ;;
esac

[ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] || { echo "docker/verify.sh needs Linux and root for network namespaces; docker/verify.sh --check does not" >&2; exit 2; }
command -v ip > /dev/null || { echo "docker/verify.sh needs the command ip (package iproute2)" >&2; exit 2; }
"$root/metamap" prerequisites || exit 1
# shellcheck source=../eng/postgres.sh
. "$root/eng/postgres.sh"
ensure_postgres
work=$(mktemp -d)
chmod 711 "$work" # the database's user passes through
prefix=metamap-verify-$$
mkdir "$work/logs"
trap clean_up EXIT
trap 'exit 1' INT TERM

install_compose
check_files required
check "the coordinator's image can be published" publish coordinator
check "the worker's image can be published" publish worker
check "the coordinator's image has no libtorch" has_no_libtorch
for name in coordinator coordinator-2 coordinator-3; do mkdir -p "$work/runs/$name"; done
chown -R $user:$user "$work/runs"
[ $failures -gt 0 ] || run_cluster
end_nodes
[ $failures -gt 0 ] || run_three_coordinators
echo "$failures failed, $SECONDS s"
exit $((failures > 0))
