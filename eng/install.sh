# Puts the program where the system looks for programs, apart from this folder. Sourced by ./metamap.

# The command that stands in bin, beside lib/metamap: launcher WHENCE PROGRAM, where PROGRAM runs what is in that folder.
launcher() {
  printf '#!/bin/sh\n# MetaMap, %s\n' "$1"
  # shellcheck disable=SC2016 # For the shell that runs it.
  printf 'export DOTNET_GCgen0size="${DOTNET_GCgen0size:-0x2000000}" METAMAP_COMMAND="${METAMAP_COMMAND:-metamap}"\n'
  # shellcheck disable=SC2016
  printf 'lib=$(dirname "$(readlink -f "$0")")/../lib/metamap\nexec %s "$@"\n' "$2"
}

# install_program install|uninstall [--prefix DIR]
install_program() {
  local doing=$1 prefix=$HOME/.local
  shift
  case "${1:-} $#" in
    ' 0') ;;
    '--prefix 2') prefix=$2 ;;
    --prefix=*\ 1) prefix=${1#--prefix=} ;;
    *) usage "\`./metamap $doing\` takes --prefix DIR and nothing else; default: ~/.local" ;;
  esac
  [ -n "$prefix" ] || usage "--prefix is empty, but it must name a folder"
  [ "$doing" = uninstall ] || mkdir -p "$prefix" 2> /dev/null || true
  [ -w "$prefix" ] || die "nothing can be written to $prefix: call this as who may, or name another folder with --prefix"
  prefix=$(cd "$prefix" && pwd)
  local lib=$prefix/lib/metamap bash=$prefix/share/bash-completion/completions/metamap zsh=$prefix/share/zsh/site-functions/_metamap
  if [ "$doing" = uninstall ]; then
    [ -d "$lib" ] || die "there is no MetaMap in $prefix; name the folder that it was installed to with --prefix"
    rm -rf "$lib" "$prefix/bin/metamap" "$bash" "$zsh" "$prefix/share/doc/metamap"
    echo "metamap: removed from $prefix" >&2
    return
  fi

  ensure_built
  # Beside the old one first: a program that runs keeps its files, and a full disk leaves what was there.
  rm -rf "$lib.new" "$lib.old"
  mkdir -p "$prefix/bin" "$prefix/lib" "${bash%/*}" "${zsh%/*}" "$prefix/share/doc/metamap"
  cp -r "${program%/*}" "$lib.new" || { rm -rf "$lib.new"; die "the program could not be copied to $prefix"; }
  [ ! -d "$lib" ] || mv "$lib" "$lib.old"
  mv "$lib.new" "$lib"
  rm -rf "$lib.old"
  # shellcheck disable=SC2016
  launcher 'put here by ./metamap install.' 'dotnet "$lib/MetaMap.Cli.dll"' > "$prefix/bin/metamap"
  chmod 755 "$prefix/bin/metamap"
  METAMAP_COMMAND=metamap dotnet "$program" completion bash > "$bash"
  METAMAP_COMMAND=metamap dotnet "$program" completion zsh > "$zsh"
  cp "$root"/{LICENSE,THIRD-PARTY-NOTICES.md,CHANGELOG.md} "$prefix/share/doc/metamap/"
  echo "metamap: installed as $prefix/bin/metamap ($(du -sm "$lib" | cut -f 1) MB); ./metamap uninstall --prefix $prefix removes it" >&2
  case ":$PATH:" in
    *":$prefix/bin:"*) ;;
    *) echo "metamap: $prefix/bin is not on your PATH yet: export PATH=\"$prefix/bin:\$PATH\"" >&2 ;;
  esac
}
