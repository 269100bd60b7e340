# What is given to others: archives that need no .NET, and a package for `dotnet tool install`. Sourced by ./metamap.

# package_program [--out DIR]
package_program() {
  local out=$root/artifacts/package version work kind backend name
  case "$# ${1:-}" in
    '0 ') ;;
    '2 --out') out=$2 ;;
    '1 --out='*) out=${1#--out=} ;;
    *) usage "\`./metamap package\` takes --out DIR and nothing else; default: artifacts/package" ;;
  esac
  [ -n "$out" ] || usage "--out is empty, but it must name a folder"
  mkdir -p "$out" 2> /dev/null && [ -w "$out" ] || die "nothing can be written to $out; name another folder with --out"
  require_sdk
  out=$(cd "$out" && pwd)
  version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
  # In a copy: other backends and runtimes would change what ./metamap runs.
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # This folder, whatever the variable holds at the end.
  trap "rm -rf '$work'" EXIT
  tar -C "$root" -c --exclude=bin --exclude=obj src global.json Directory.Build.props Directory.Packages.props .editorconfig BannedSymbols.txt README.md LICENSE | tar -C "$work" -x
  for kind in coordinator worker; do
    backend=none
    [ "$kind" = coordinator ] || backend=cpu
    name=metamap-$kind-$version-linux-x64
    echo "metamap: $name.tar.gz ..." >&2
    publish "$work" "$work/$name/lib/metamap" "$backend"
    mkdir -p "$work/$name/bin"
    # shellcheck disable=SC2016
    launcher 'from an archive: needs no .NET.' '"$lib/MetaMap.Cli"' > "$work/$name/bin/metamap"
    chmod 755 "$work/$name/bin/metamap"
    cp "$root"/{LICENSE,THIRD-PARTY-NOTICES.md,CHANGELOG.md} "$work/$name/"
    tar -C "$work" -cz --owner=0 --group=0 -f "$out/$name.tar.gz" "$name"
    rm -rf "${work:?}/$name"
  done

  echo "metamap: the dotnet tool ..." >&2
  quietly "$work/pack.log" dotnet pack "$work/src/Cli/Cli.csproj" -c Release -p:PackAsTool=true -p:RunAnalyzers=false --disable-build-servers -o "$out"
  (cd "$out" && sha256sum ./*.tar.gz ./*.nupkg > SHA256SUMS)
  (cd "$out" && ls -sh ./*.tar.gz ./*.nupkg) >&2
}

# publish FOLDER-OF-SOURCES TO BACKEND
publish() {
  quietly "$1/publish.log" dotnet publish "$1/src/Cli/Cli.csproj" -c Release -r linux-x64 --self-contained -p:TorchBackend="$3" -p:RunAnalyzers=false \
    -p:PublishDocumentationFiles=false --disable-build-servers -o "$2"
}

# quietly LOG COMMAND ...: what it says is shown only when it fails.
quietly() {
  local log=$1
  shift
  "$@" > "$log" 2>&1 < /dev/null || {
    tail -n 20 "$log" >&2
    die "$1 $2 failed"
  }
}
