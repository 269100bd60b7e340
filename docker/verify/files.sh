# What can be said of the files alone: compose files in every combination, Dockerfiles, variables. Sourced by docker/verify.sh.

readonly overlays=(gpu tls ha observability)

# Compose version 2, with or without Docker.
compose() {
  if docker-compose version --short 2> /dev/null | grep -q '^v\?2'; then
    docker-compose "$@"
  else
    docker compose "$@"
  fi
}

have_compose() { compose version > /dev/null 2>&1; }

# resolved OVERLAY...: the configuration as JSON, without what .env says on this machine.
resolved() {
  local overlay files=(-f "$root/docker/compose.yml")
  for overlay in "$@"; do files+=(-f "$root/docker/compose.$overlay.yml"); done
  compose --env-file /dev/null "${files[@]}" config --format json
}

# All orders of all subsets of what is left, one a line: orders CHOSEN LEFT...
orders() {
  local chosen=$1 one rest
  shift
  echo "$chosen"
  for one in "$@"; do
    rest=()
    for other in "$@"; do [ "$other" = "$one" ] || rest+=("$other"); done
    orders "$chosen $one" "${rest[@]}"
  done
}

combination() { echo "compose.yml $(tr ' ' '\n' <<< "$1" | sort | xargs)"; }

# Every order of every subset of the overlays is accepted, and the order changes nothing.
check_combinations() {
  local order names now status=0 count=0
  declare -A seen=()
  export METAMAP_DATABASE_PASSWORD=secret
  while read -r order; do
    names=$(combination "$order")
    case " $order " in *" tls "*) export METAMAP_TLS=./certs ;; *) unset METAMAP_TLS ;; esac
    # shellcheck disable=SC2086
    if ! now=$(resolved $order 2>&1); then
      failed "compose accepts compose.yml with$order: $(tail -n 1 <<< "$now")"
      status=1
      continue
    fi
    now=$(jq -S -c '(.. | .volumes? | arrays) |= sort_by(.target)' <<< "$now" | cksum)
    [ "${seen[$names]:=$now}" = "$now" ] || { failed "compose.yml with$order is the same as with $names in another order"; status=1; }
    count=$((count + 1))
  done < <(orders "" "${overlays[@]}")
  unset METAMAP_DATABASE_PASSWORD METAMAP_TLS
  [ $status = 0 ] && ok "compose accepts ${#seen[@]} combinations of compose.yml, ${overlays[*]} in all their $count orders, and the order changes nothing"
}

every_variable_is_in_the_example() {
  local name status=0
  for name in $(grep -ohE '[^$]\$\{METAMAP_[A-Z_0-9]+' "$root"/docker/compose*.yml | grep -o 'METAMAP_.*' | sort -u); do
    grep -q "^#$name=" "$root/docker/.env.example" || { say "$name is missing in docker/.env.example"; status=1; }
  done
  for name in $(grep -oE '^#METAMAP_[A-Z_0-9]+' "$root/docker/.env.example" | tr -d '#'); do
    grep -qE "\\$\{$name[:}]" "$root"/docker/compose*.yml || { say "no compose file reads $name"; status=1; }
  done
  return $status
}

# Restore sees nothing but project files, so that code does not change its layer.
restores_in_a_layer_of_its_own() {
  awk '/^FROM .*sdk/ { inside = 1 } inside && /^COPY / && !restored && /src\/ / { bad = 1 } /dotnet restore/ { restored = 1 } /^FROM .*aspnet/ { inside = 0 } END { exit bad || !restored }' "$1"
}

has_form() {
  restores_in_a_layer_of_its_own "$1" && grep -q -- '--mount=type=cache' "$1" && grep -q '^USER \$APP_UID' "$1" && grep -q '^HEALTHCHECK ' "$1" &&
    grep -q '^STOPSIGNAL ' "$1" && grep -q '^LABEL org.opencontainers' "$1" && ! grep -qiE '^(ARG|ENV) .*(password|secret|token)' "$1"
}

check_files() {
  local file
  if need jq jq && { have_compose || { install docker-compose && have_compose; }; }; then
    check_combinations
  elif [ "${1:-}" = required ]; then
    failed "Compose version 2 and jq are there (Debian's docker-compose, jq)"
  else
    skipped "combinations of compose files: Compose version 2 or jq is not installed"
  fi
  check "every variable of the compose files is in .env.example, and no other" every_variable_is_in_the_example
  for file in "$root"/docker/*.Dockerfile; do
    check "$(basename "$file"): restore in a layer of its own, cache mounts, user, health check, stop signal, labels, no secret" has_form "$file"
  done
}
