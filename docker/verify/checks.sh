# One line a check, and what is waited for. Sourced by docker/verify.sh.

failures=0

ok() { echo "ok      $1"; }
failed() { echo "FAILED  $1"; failures=$((failures + 1)); }
skipped() { echo "skipped $1"; }
say() { echo "        $1"; }

check() { # check WHAT COMMAND...
  local what=$1
  shift
  if "$@"; then
    ok "$what"
  else
    failed "$what"
    return 1
  fi
}

eventually() { # eventually SECONDS COMMAND...
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 1
  done
}

tell_log() {
  say "the end of the log of $1:"
  tail -n "${2:-8}" "$logs/$1" 2> /dev/null | sed 's/^/        | /'
}

# Debian's packages, which root can install; those of Debian 13 where an older one knows them, too.
install() {
  local suite=()
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return
  say "installing $* ..."
  apt-get update -qq > /dev/null 2>&1
  if apt-cache policy | grep 'n=trixie' > /dev/null; then suite=(-t trixie); fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${suite[@]}" "$@" > /dev/null 2>&1 < /dev/null
}

# need COMMAND PACKAGE...: the command is there, or is installed.
need() {
  local command=$1
  shift
  command -v "$command" > /dev/null || { install "$@"; command -v "$command" > /dev/null; }
}
