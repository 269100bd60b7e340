# The native prerequisite of TorchSharp: libstdc++ with GLIBCXX_3.4.32 (GCC 13). Sourced by ./metamap.
# Ubuntu 24.04, Debian 13, Fedora 39 and the official .NET 10 images have it; Debian 12 has not.

readonly needed_glibcxx=GLIBCXX_3.4.32

# Succeeds when the C++ runtime that the loader would pick exports the needed symbol version.
has_needed_glibcxx() {
  local library
  library=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | awk -v arch="$(uname -m)" \
    '/libstdc\+\+\.so\.6 / && (arch != "x86_64" || /x86-64/) { print $NF; exit }')
  [ -n "$library" ] && grep -q "$needed_glibcxx" "$library"
}

# Prints a deb822 source for the next Debian, made from the machine's own bookworm source by changing its suite.
derive_trixie_source() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    awk 'BEGIN { RS = ""; FS = "\n" }
      /(^|\n)Types:[^\n]*deb/ && /(^|\n)Suites:([^\n]* )?bookworm( |\n|$)/ {
        for (i = 1; i <= NF; i++) {
          if ($i ~ /^#/) continue
          if ($i ~ /^Suites:/) print "Suites: trixie"; else print $i
        }
        found = 1; exit
      }
      END { exit !found }' "$file" && return
  done
  awk '$1 == "deb" {
    options = ""; at = 2
    if ($2 ~ /^\[/) { while ($(at) !~ /\]$/) options = options $(at++) " "; options = options $(at++) " " }
    if ($(at + 1) == "bookworm") { print "deb " options $(at) " trixie main"; found = 1; exit }
  } END { exit !found }' /etc/apt/sources.list 2>/dev/null
}

install_trixie_libstdcxx() {
  local source extension=sources
  source=$(derive_trixie_source) || {
    echo "metamap: no bookworm entry was found in this machine's apt sources, so a Debian 13 source cannot be derived." >&2
    echo "metamap: add a 'trixie' source by hand, then run: apt-get install -t trixie libstdc++6" >&2
    return 1
  }
  case "$source" in deb*) extension=list ;; esac
  echo "metamap: TorchSharp needs libstdc++ with $needed_glibcxx; Debian 12 has an older one." >&2
  echo "metamap: installing libstdc++6 from Debian 13 and what it needs from there (libc6, base-files, dpkg and what is" >&2
  echo "metamap: tied to them), through a low-priority source in /etc/apt/sources.list.d/metamap-trixie.$extension." >&2
  printf '%s\n' "$source" > "/etc/apt/sources.list.d/metamap-trixie.$extension"
  printf 'Package: *\nPin: release n=trixie\nPin-Priority: 50\n' > /etc/apt/preferences.d/metamap-trixie
  local log
  log=$(mktemp)
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -t trixie \
      -o Dpkg::Options::=--force-confold libstdc++6; } > "$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "metamap: the installation failed (whole log: $log). Once fixed, run: apt-get install -t trixie libstdc++6" >&2
    return 1
  fi
  rm -f "$log"
}

# Makes sure that TorchSharp can load; installs what is missing on Debian 12 as root, else says the one command to run.
ensure_native_prerequisite() {
  [ "$(uname -s)" = Linux ] || return 0
  has_needed_glibcxx && return 0
  local id='' version=''
  [ -r /etc/os-release ] && { id=$(. /etc/os-release; echo "${ID:-}"); version=$(. /etc/os-release; echo "${VERSION_ID:-}"); }
  if [ "$id" = debian ] && [ "$version" = 12 ] && [ "$(id -u)" = 0 ]; then
    install_trixie_libstdcxx && has_needed_glibcxx && return 0
    return 1
  fi
  echo "metamap: TorchSharp needs libstdc++ with $needed_glibcxx (GCC 13), which this system lacks." >&2
  if [ "$id" = debian ] && [ "$version" = 12 ]; then
    echo "metamap: run this once; it installs libstdc++6 from Debian 13:  sudo ./metamap prerequisites" >&2
  else
    echo "metamap: install the libstdc++ of GCC 13 or newer (Ubuntu 24.04, Debian 13 and Fedora 39 have it), then try again." >&2
  fi
  return 1
}
