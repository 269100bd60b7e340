# What a running cluster says of itself. Sourced by docker/verify.sh.

asking=()         # environment of commands that ask
asked=coordinator # whom they ask

iteration() { on $asked metamap status --json | sed -n 's/.*"iteration":"\{0,1\}\([0-9]*\).*/\1/p' | head -n 1; }

has_passed() { # has_passed ITERATION
  local now
  now=$(iteration)
  [ -n "$now" ] && [ "$now" -gt "$1" ]
}

goes_on() { # goes_on SECONDS: five more iterations than now
  local before
  before=$(iteration)
  eventually "$1" has_passed $((${before:-0} + 5))
}

workers() { on $asked metamap workers --json | grep '"status":"ready"'; }

are_registered() { # are_registered HOST-NUMBER...: exactly the workers at these addresses are ready
  local expected seen
  expected=$(printf "$network.%s\n" "$@" | sort)
  seen=$(workers | grep -o 'metamap@[0-9.]*' | cut -d@ -f2 | sort)
  [ "$expected" = "$seen" ]
}

have_counted() { # have_counted HOST-NUMBER...: blocks of each worker there counted
  local number all
  all=$(workers)
  for number in "$@"; do grep "@$network\.$number:" <<< "$all" | grep -Eq '"counted_blocks":[1-9]' || return; done
}

# From outside of the nodes, at the port that Docker would publish.
http() { in_switch curl --silent --show-error --fail --max-time 60 "$@" 2>> "$logs/http"; }

readonly at_http=http://$network.2:8080

lists_its_run() { http $at_http/api/runs | jq -e --arg run "$METAMAP_RUN" '.[] | select(.run_id == $run and .iteration > 0)' > /dev/null; }

# Safetensors: eight bytes of length, then JSON.
serves_the_model() {
  http --output "$work/model" $at_http/api/model && [ "$(head -c 9 "$work/model" | tail -c 1)" = '{' ] && say "the model has $(stat -c %s "$work/model") bytes"
}

# Two pictures of 8x8 pixels, of a bar that stands and one that lies.
readonly standing=iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAEklEQVR42mP4//8/AwOIoIwBALniL9GKDAwtAAAAAElFTkSuQmCC
readonly lying=iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAEklEQVR42mP4DwUMmAxMgFsxALniL9HdGKwiAAAAAElFTkSuQmCC

adapts() {
  local session
  session=$(http --json "{\"support\":[{\"label\":\"standing\",\"image\":\"$standing\"},{\"label\":\"lying\",\"image\":\"$lying\"}]}" \
    "$at_http/api/runs/$METAMAP_RUN/adapt" | jq -r .sessionId) &&
    [ "$(http --json "{\"images\":[\"$standing\",\"$lying\"]}" "$at_http/api/sessions/$session/predict" | jq -c '[.predictions[].label]')" = '["standing","lying"]' ]
}

find_owner() { # sets owner: the coordinator that trains; the others name it
  for owner in "$@"; do
    on "$owner" metamap status --json | grep -v '"owner"' | grep -q '"status":"training"' && return
  done
  return 1
}

answers_with_the_model() { on "$1" metamap model --out /tmp/model.safetensors > /dev/null; }
