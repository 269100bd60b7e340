# The Chromium that tests of the dashboard look at it with. Sourced by ./metamap.

# Makes sure that tests have a Chromium: installs it on Debian as root, else says how. Never fails: tests that need it are
# skipped without it, and fail in CI.
ensure_chromium() {
  [ "$(uname -s)" = Linux ] || return 0
  [ -x /usr/bin/chromium ] && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "metamap: tests of the dashboard need a browser; installing the package chromium ..." >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } > /dev/null 2>&1 < /dev/null && return 0
    echo "metamap: the installation failed; see what it says: apt-get install chromium" >&2
    return 0
  fi
  echo "metamap: no Chromium is installed; tests of the dashboard are skipped (to have them: apt-get install chromium)" >&2
}
