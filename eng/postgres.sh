# The PostgreSQL that tests start servers of their own from. Sourced by ./metamap.

# Succeeds when the programs of a PostgreSQL server are here: on the PATH, or where Debian and Fedora put them.
has_postgres() {
  command -v initdb > /dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || [ -x /usr/pgsql/bin/initdb ]
}

# Debian's package, without the server that it would make and start at once.
install_postgres() {
  local log drop=/etc/postgresql-common/createcluster.d/metamap.conf status=0
  log=$(mktemp)
  echo "metamap: tests with a real PostgreSQL need its server; installing the package postgresql ..." >&2
  mkdir -p "$(dirname "$drop")"
  echo "create_main_cluster = false" > "$drop"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold postgresql; } > "$log" 2>&1 < /dev/null || status=1
  rm -f "$drop"
  if [ $status -ne 0 ]; then
    tail -n 15 "$log" >&2
    echo "metamap: the installation failed (whole log: $log). Once fixed, run: apt-get install postgresql" >&2
    return 1
  fi
  rm -f "$log"
}

# Makes sure that tests can start a PostgreSQL: installs it on Debian and Ubuntu as root, else says how. Never fails:
# tests that need it are skipped without it, and fail in CI.
ensure_postgres() {
  [ "$(uname -s)" = Linux ] || return 0
  has_postgres && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    install_postgres || true
    return 0
  fi
  echo "metamap: no PostgreSQL server is installed; tests that need one are skipped (to have them: apt-get install postgresql)" >&2
}
