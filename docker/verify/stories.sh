# What is tried with running nodes. Sourced by docker/verify.sh.

# The images alone, as `docker run` starts them, with a proxy in the environment that answers nobody.
try_plain_images() {
  make_network && make_node coordinator 2 && make_node worker-1 11 && make_node once 12 || { failed "network namespaces and a bridge can be made"; return; }
  local proxy=(HTTP_PROXY=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9)
  specify coordinator coordinator && printf '%s\n' "${proxy[@]}" >> "$work/nodes/coordinator/environment" && launch coordinator
  check "docker run metamap-coordinator: healthy, whatever HTTP_PROXY says" eventually 90 is_healthy coordinator coordinator || { tell_log coordinator; return; }
  check "docker run -p 8080:8080 reaches its dashboard" http --output /dev/null $at_http/
  specify worker-1 worker && launch worker-1
  check "docker run metamap-worker: joins the coordinator of that name" eventually 120 are_registered 11 || tell_log worker-1
  check "its health check says so" eventually 30 is_healthy worker-1 worker

  refuses coordinator 2 "computes nothing" metamap worker
  refuses coordinator 2 "is not writable for the user" metamap coordinator --runs /data/runs
  refuses worker 3 "could be joined" metamap worker --coordinator coordinator:4999 --insecure --join-timeout 3
  refuses worker 2 "--insecure" metamap worker --coordinator coordinator:4053
  refuses coordinator 2 "0.0.0.0" metamap coordinator --host 0.0.0.0 --insecure --runs /runs
  end_nodes
}

# refuses IMAGE CODE WORDS COMMAND...: one sentence with these words, beside lines of a log, and the exit code.
refuses() {
  local image=$1 code=$2 words=$3 sentence status=0
  shift 3
  specify once "$image"
  once "$@" || status=$?
  sentence=$(grep '^metamap: ' "$logs/once")
  if [ "$status" = "$code" ] && [[ $sentence == *"$words"* && $sentence != *$'\n'* ]]; then
    ok "refused with $code: ${sentence#metamap: }"
    return
  fi
  failed "$* ends with $code and a sentence with '$words', not with $status and: $(head -n 3 "$logs/once")"
}

# No GPU is here: what can be tried is that the image says so, and that it computes with the libtorch that it took from PyTorch.
try_cuda_image() {
  make_network && make_node coordinator 2 && make_node worker-1 11 && make_node once 12 || return
  refuses worker-cuda 2 "cuda" metamap worker --coordinator coordinator:4053 --insecure --device cuda
  specify coordinator coordinator && launch coordinator
  eventually 90 is_healthy coordinator coordinator || { tell_log coordinator; return; }
  specify worker-1 worker-cuda && sed -i 's/^cuda$/cpu/' "$work/nodes/worker-1/words" && launch worker-1
  check "worker-cuda on the processor: computes with the libtorch of the PyTorch image" eventually 150 have_counted 11 || tell_log worker-1
  end_nodes
}

try_compose() {
  local grace before
  begin_story
  make_network && make_node coordinator 2 && make_node worker-1 11 && make_node worker-2 12 && make_node worker-3 13 && make_node worker-4 14 && make_node worker-5 15 || return
  start coordinator coordinator
  check "compose: the coordinator is healthy" eventually 90 is_healthy coordinator coordinator || { tell_log coordinator; return; }
  start worker-1 worker
  check "1 worker: it registers at its own address" eventually 120 are_registered 11 || { tell_log worker-1; return; }
  check "1 worker: training advances" eventually 90 has_passed 3
  start worker-2 worker
  start worker-3 worker
  start worker-4 worker
  check "4 workers: all register" eventually 150 are_registered 11 12 13 14
  check "4 workers: blocks of each count" eventually 120 have_counted 11 12 13 14
  check "the run is listed at /api/runs" lists_its_run
  check "the current model is served during training" serves_the_model
  check "the model adapts to two pictures, and tells them apart" adapts

  before=$(iteration)
  stop worker-2 KILL 5
  check "a worker is killed at iteration $before, and training goes on" goes_on 120
  check "it is no longer counted as ready" eventually 60 are_registered 11 13 14
  start worker-5 worker
  check "a fifth worker registers" eventually 120 are_registered 11 13 14 15
  check "its blocks count" eventually 90 have_counted 15

  grace=$(grace_of worker)
  before=$SECONDS
  stop worker-1 TERM "$grace"
  check "a worker that is stopped ends by itself with exit code 0, after $((SECONDS - before)) s of $grace" [ $? = 0 ]
  check "training goes on after it left" goes_on 90

  before=$(iteration)
  stop coordinator KILL 5
  start coordinator coordinator
  check "a killed coordinator that is started again goes on with the run (it was at iteration $before)" eventually 180 has_passed $((before + 5))
  check "its workers are back" eventually 60 are_registered 13 14 15

  grace=$(grace_of coordinator)
  before=$SECONDS
  stop coordinator TERM "$grace"
  check "the coordinator stops with exit code 0, after $((SECONDS - before)) s of $grace" [ $? = 0 ]
  check "the run is stored in the volume" [ -s "$work/volumes/runs/$METAMAP_RUN/model.safetensors" ]
  end_nodes
}

start_database() {
  local programs as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups) data=$work/database/data
  programs=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1)")
  mkdir "$work/database" && printf '%s' "$METAMAP_DATABASE_PASSWORD" > "$work/database/password" && chown -R postgres "$work/database" &&
    "${as_postgres[@]}" "$programs/initdb" -D "$data" -U metamap --pwfile "$work/database/password" --auth scram-sha-256 > "$logs/database" 2>&1 &&
    echo "host all all $network.0/24 scram-sha-256" >> "$data/pg_hba.conf" || return
  ip netns exec "$prefix-database" "${as_postgres[@]}" "$programs/postgres" -D "$data" -h '*' -k '' >> "$logs/database" 2>&1 < /dev/null &
  keepers[database]=$! pids[database]=$!
  eventually 30 ip netns exec "$prefix-database" "$programs/pg_isready" -h 127.0.0.1 -U metamap > /dev/null &&
    PGPASSWORD=$METAMAP_DATABASE_PASSWORD ip netns exec "$prefix-database" "$programs/createdb" -h 127.0.0.1 -U metamap metamap
}

# As docs/CONTAINERS.md says it, by the image's own command.
make_certificates() {
  export METAMAP_TLS=$work/certificates
  mkdir "$METAMAP_TLS" && chown $user "$METAMAP_TLS" && specify once coordinator && echo "/out $METAMAP_TLS" >> "$work/nodes/once/volumes" &&
    once metamap certs --out /out --host localhost --host coordinator && rm "$METAMAP_TLS/ca.key" &&
    printf 'read %s\nwrite %s\n' "$token-read" "$token" > "$METAMAP_TLS/tokens" && chown $user "$METAMAP_TLS/tokens" && chmod 600 "$METAMAP_TLS/tokens"
}

try_tls_and_ha() {
  local token=verify-$RANDOM$RANDOM$RANDOM lost before coordinators=(coordinator coordinator-2 coordinator-3) others=()
  export METAMAP_DATABASE_PASSWORD=verify-$$
  make_network && make_node coordinator 2 && make_node coordinator-2 3 && make_node coordinator-3 4 && make_node database 5 &&
    make_node worker-1 11 && make_node worker-2 12 && make_node once 13 || return
  check "certificates are made by the image's own command" make_certificates || { tell_log once; return; }
  begin_story ha tls
  check "the database starts" start_database || return
  asking=("METAMAP_TOKEN=$token")
  start coordinator coordinator
  start coordinator-2 coordinator-2
  start coordinator-3 coordinator-3
  check "tls and ha: three coordinators are healthy" eventually 150 eval \
    'is_healthy coordinator coordinator && is_healthy coordinator-2 coordinator && is_healthy coordinator-3 coordinator' || { tell_log coordinator; return; }
  check "HTTPS wants a token" eval '! in_switch curl --silent --fail --cacert "$METAMAP_TLS/ca.pem" --resolve localhost:8080:$network.2 https://localhost:8080/api/runs > /dev/null'
  check "a reader's token is enough for /metrics, as Prometheus asks" eval \
    'in_switch curl --silent --fail --cacert "$METAMAP_TLS/ca.pem" -H "Authorization: Bearer $token-read" --resolve localhost:8080:$network.3 https://localhost:8080/metrics > /dev/null'
  start worker-1 worker
  start worker-2 worker
  check "the second coordinator sees both workers" eventually 120 eval 'asked=coordinator-2; are_registered 11 12' || tell_log worker-1
  check "one of them trains" eventually 120 eval 'find_owner "${coordinators[@]}" && asked=$owner && has_passed 3' || { tell_log coordinator; return; }
  lost=$owner
  before=$(iteration)
  stop "$lost" KILL 5
  for asked in "${coordinators[@]}"; do [ "$asked" = "$lost" ] || others+=("$asked"); done
  check "$lost is killed at iteration $before, and another goes on" eventually 120 eval \
    'find_owner "${others[@]}" && asked=$owner && has_passed $((before + 5))' || tell_log "${others[0]}"
  start "$lost" "$lost"
  check "$lost is healthy again" eventually 120 is_healthy "$lost" coordinator
  check "the current model is served by each" eval 'answers_with_the_model coordinator && answers_with_the_model coordinator-2 && answers_with_the_model coordinator-3'
  for asked in "${coordinators[@]}"; do
    stop "$asked" TERM "$(grace_of coordinator)"
    check "$asked stops with exit code 0" [ $? = 0 ]
  done
  end_nodes
}
