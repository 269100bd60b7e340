# Nodes: an image's root file system, read-only, with the command line, environment, volumes and tmpfs of a service, in a network
# namespace with an address and a name of its own. Sourced by docker/verify.sh, which sets work, logs, prefix, network and story.

declare -A keepers=() pids=() # of each node: the process that waits for it, and its own

in_switch() { ip netns exec "$prefix-switch" "$@"; }

# One bridge; its own address is this machine's, as Docker has it.
make_network() {
  ip netns add "$prefix-switch" && in_switch ip link add bridge type bridge && in_switch ip address add "$network.1/24" dev bridge &&
    in_switch ip link set bridge up && in_switch ip link set lo up
}

make_node() { # make_node NAME HOST-NUMBER
  local space=$prefix-$1 spec=$work/nodes/$1
  mkdir -p "$spec/at"
  ip netns add "$space" &&
    ip link add eth0 netns "$space" type veth peer name "port$2" netns "$prefix-switch" &&
    in_switch ip link set "port$2" master bridge up &&
    ip netns exec "$space" ip address add "$network.$2/24" dev eth0 &&
    ip netns exec "$space" ip link set eth0 up &&
    ip netns exec "$space" ip link set lo up || return
  # As Docker does it: the own name, and the names of services.
  printf '127.0.0.1 localhost\n' > "$spec/hosts"
  case $1 in coordinator* | database) ;; *) echo "$network.$2 $1" >> "$spec/hosts" ;; esac
  printf "$network.%s %s\n" 2 coordinator 3 coordinator-2 4 coordinator-3 5 database >> "$spec/hosts"
}

# of_service SERVICE FILTER: out of the compose files of the story.
of_service() { jq -r --arg service "$1" ".services[\$service] | $2" "$work/story.json" | sed 's/\$\$/$/g'; }

begin_story() { # begin_story OVERLAY...
  mkdir -p "$work/volumes"
  resolved "$@" > "$work/story.json"
}

image_of() { of_service "$1" '.image | ltrimstr("metamap-")'; }

# A volume, with the owner that its folder has in the image, as Docker makes it.
make_volume() { # make_volume NAME ROOT TARGET
  [ -d "$work/volumes/$1" ] && return
  mkdir -p "$work/volumes/$1"
  [ ! -d "$2$3" ] || chown --reference="$2$3" "$work/volumes/$1"
}

# Writes down what become_node needs. Without a service: the image's own command, with new volumes, as `docker run --read-only --tmpfs /tmp`.
specify() { # specify NAME IMAGE [SERVICE]
  local spec=$work/nodes/$1 image=$2 service=${3:-} type source target
  local at=${roots[$image]}
  echo "$at" > "$spec/root"
  : > "$spec/volumes"
  if [ -z "$service" ]; then
    echo /tmp > "$spec/tmpfs"
    image_says "$image" .Env > "$spec/environment"
    { image_says "$image" .Entrypoint && image_says "$image" .Cmd; } > "$spec/words"
    while read -r target; do
      make_volume "$1$(tr / - <<< "$target")" "$at" "$target"
      echo "$target $work/volumes/$1$(tr / - <<< "$target")" >> "$spec/volumes"
    done < <(image_says "$image" .Volumes)
    return
  fi
  of_service "$service" '.read_only' | grep -q true || return
  of_service "$service" '.tmpfs[]' > "$spec/tmpfs"
  { image_says "$image" .Env && of_service "$service" '.environment // {} | to_entries[] | "\(.key)=\(.value)"'; } > "$spec/environment"
  of_service "$service" '(.entrypoint + .command)[]' > "$spec/words"
  while read -r type source target; do
    if [ "$type" = volume ]; then
      make_volume "$source" "$at" "$target"
      source=$work/volumes/$source
    fi
    echo "$target $source" >> "$spec/volumes"
  done < <(of_service "$service" '.volumes[] | "\(.type) \(.source) \(.target)\(if .read_only then ":ro" else "" end)"')
}

# Runs inside the namespaces of a node: makes its file system, takes the image's user, and becomes the command.
become_node() {
  local spec=$work/nodes/$1 at=$work/nodes/$1/at device target source words variables
  mount --make-rprivate / && mount --bind "$(cat "$spec/root")" "$at" || exit 1
  hostname "$1"
  mapfile -t words < "$spec/words"
  mapfile -t variables < "$spec/environment"
  mount -t proc proc "$at/proc" && mount --rbind /sys "$at/sys" && mount -t tmpfs -o mode=755 tmpfs "$at/dev" || exit 1
  for device in null zero full random urandom; do : > "$at/dev/$device" && mount --bind "/dev/$device" "$at/dev/$device"; done
  mkdir "$at/dev/shm" && mount -t tmpfs -o mode=1777 tmpfs "$at/dev/shm"
  mount --bind "$spec/hosts" "$at/etc/hosts"
  while read -r target; do mount -t tmpfs -o mode=1777,noexec,nosuid,nodev tmpfs "$at$target" || exit 1; done < "$spec/tmpfs"
  while read -r target source; do
    mkdir -p "$at${target%:ro}" && mount --bind "$source" "$at${target%:ro}" || exit 1
    [ "$target" = "${target%:ro}" ] || mount -o remount,bind,ro "$at${target%:ro}" || exit 1
  done < "$spec/volumes"
  mount -o remount,bind,ro "$at" || exit 1
  exec setpriv --no-new-privs chroot --userspec="$user:$user" --groups= "$at" env -i "${variables[@]}" sh -c 'cd /tmp && exec "$@"' sh "${words[@]}"
}

has_begun() { pids[$1]=$(pgrep -P "${keepers[$1]}") && [ -n "${pids[$1]}" ]; }

launch() { # launch NAME: what was specified
  ip netns exec "$prefix-$1" unshare --mount --uts --pid --fork --kill-child bash "$self" --become "$work" "$1" >> "$logs/$1" 2>&1 < /dev/null &
  keepers[$1]=$!
  until has_begun "$1" || ! kill -0 "${keepers[$1]}" 2> /dev/null; do sleep 0.1; done
}

start() { # start NAME SERVICE
  specify "$1" "$(image_of "$2")" "$2" && launch "$1"
}

# once WORD...: the exit code of a short command in the node "once", in the environment that is specified; what it says is in logs/once.
once() {
  printf '%s\n' "$@" > "$work/nodes/once/words"
  : > "$logs/once"
  launch once
  wait "${keepers[once]}"
}

# What `docker exec NAME ...` would do.
on() {
  local name=$1 variables
  shift
  mapfile -t variables < "$work/nodes/$name/environment"
  timeout 30 nsenter --target "${pids[$name]}" --mount --net --uts --pid --root --setuid "$user" --setgid "$user" -- \
    env -i "${variables[@]}" "${asking[@]}" sh -c 'cd /tmp && exec "$@"' sh "$@" 2>> "$logs/exec"
}

is_running() { kill -0 "${pids[$1]}" 2> /dev/null; }

# The health check of the image.
is_healthy() { # is_healthy NAME IMAGE
  local words
  mapfile -t words < <(image_says "$2" .Healthcheck.Test)
  [ "${words[0]}" = CMD ] && on "$1" "${words[@]:1}" > /dev/null
}

stop() { # stop NAME SIGNAL SECONDS: its exit code; 124 when it had to be killed
  local keeper=${keepers[$1]} deadline=$((SECONDS + $3)) status=0
  { # without bash's own lines about killed processes
    kill "-$2" "${pids[$1]}"
    while kill -0 "$keeper" && [ $SECONDS -lt $deadline ]; do sleep 0.2; done
    if kill -0 "$keeper"; then
      kill -KILL "${pids[$1]}"
      wait "$keeper"
      return 124
    fi
    wait "$keeper" || status=$?
  } 2> /dev/null
  return $status
}

# The grace of a service, in seconds.
grace_of() { of_service "$1" .stop_grace_period | sed -E 's/^([0-9]+)m/\1*60+/; s/s$//; s/\+$//' | { read -r sum && echo $((sum)); }; }

end_nodes() {
  local name space
  {
    for name in "${!pids[@]}"; do kill -KILL "${pids[$name]}"; done
    for name in "${!keepers[@]}"; do wait "${keepers[$name]}"; done
  } 2> /dev/null
  pids=() keepers=()
  for space in $(ip netns list | awk -v prefix="$prefix-" 'index($1, prefix) == 1 { print $1 }'); do ip netns delete "$space"; done
}
