# The Python that tests of clients/python run in. Sourced by ./metamap.

# Makes sure that tests have Python with numpy: installs Debian's on Debian and Ubuntu as root, else says how. Never fails:
# tests that need it are skipped without it, and fail in CI.
ensure_python() {
  [ "$(uname -s)" = Linux ] || return 0
  local python=/usr/bin/python3
  [ -x $python ] || python=python3
  "$python" -c 'import numpy' > /dev/null 2>&1 && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "metamap: tests of the Python client need numpy; installing the package python3-numpy ..." >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-numpy; } > /dev/null 2>&1 < /dev/null && return 0
    echo "metamap: the installation failed; see what it says: apt-get install python3-numpy" >&2
    return 0
  fi
  echo "metamap: no Python with numpy is installed; tests of the Python client are skipped (to have them: apt-get install python3-numpy)" >&2
}
