# The strace that crash tests kill processes with, at exactly one system call. Sourced by ./metamap.

# Makes sure that tests have a strace: installs it on Debian and Ubuntu as root, else says how. Never fails: tests that
# need it are skipped without it, and fail in CI.
ensure_strace() {
  [ "$(uname -s)" = Linux ] || return 0
  command -v strace > /dev/null && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "metamap: tests of crashes need strace; installing the package strace ..." >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends strace; } > /dev/null 2>&1 < /dev/null && return 0
    echo "metamap: the installation failed; see what it says: apt-get install strace" >&2
    return 0
  fi
  echo "metamap: no strace is installed; tests of crashes are skipped (to have them: apt-get install strace)" >&2
}
