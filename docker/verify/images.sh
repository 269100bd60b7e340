# Images: built by buildah from the Dockerfiles, on stand-ins for the official base images. Sourced by docker/verify.sh, which sets
# root (of the project), images (a folder for all that is made here) and logs.

# A container's usual limits may be above what this machine lets us set.
limit() { ulimit "$1" | sed 's/unlimited/-1/'; }
limits=(--ulimit "nofile=$(limit -Sn):$(limit -Hn)" --ulimit "nproc=$(limit -Su):$(limit -Hu)")
readonly limits

# buildah with a store of its own; its cache mounts are in TMPDIR.
in_store() {
  TMPDIR=$images/tmp buildah --storage-driver "$driver" --root "$images/store" --runroot "$images/run" "$@"
}

# overlay where the kernel lets us, else vfs, which copies whole layers.
choose_driver() {
  local container
  mkdir -p "$images/tmp"
  for driver in overlay vfs; do
    if container=$(in_store from scratch 2> "$logs/store") && in_store mount "$container" >> "$logs/store" 2>&1; then
      in_store rm "$container" > /dev/null
      return
    fi
    rm -rf "$images/store" "$images/run"
  done
  return 1
}

has_image() { in_store inspect --type image "$1" > /dev/null 2>&1; }

# The environment that NuGet has on this machine; only the stand-in of the SDK gets it, and no image keeps anything of that.
nuget_environment() {
  local name
  for name in $(compgen -e); do
    case $name in NUGET_PACKAGES) ;; NUGET_* | SSL_CERT_*) echo "$name=${!name}" ;; esac
  done
}

make_debian() {
  [ -e "$images/debian/etc/os-release" ] && return
  debootstrap --variant=minbase --include=ca-certificates,libicu76,libstdc++6,tzdata trixie "$images/debian" > "$logs/debootstrap" 2>&1
}

# stand_in NAME PART...: Debian with these parts of this machine's .NET, its environment and its user, as the official image has them.
stand_in() {
  local name=$1 container at part from
  shift
  has_image "$name" && return
  from=$(dirname "$(readlink -f "$(command -v dotnet)")")
  container=$(in_store from scratch) && at=$(in_store mount "$container") || return
  tar -C "$images/debian" --exclude='./dev/*' --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' -cf - . | tar -C "$at" -xf - || return
  mkdir "$at/usr/share/dotnet"
  for part in "$@"; do cp -a "$from/$part" "$at/usr/share/dotnet/" || return; done
  ln -s /usr/share/dotnet/dotnet "$at/usr/bin/dotnet"
  echo "app:x:$user:$user::/home/app:/usr/sbin/nologin" >> "$at/etc/passwd"
  echo "app:x:$user:" >> "$at/etc/group"
  mkdir "$at/home/app" && chown $user:$user "$at/home/app"
  in_store config --env "APP_UID=$user" --env ASPNETCORE_HTTP_PORTS=8080 --env DOTNET_RUNNING_IN_CONTAINER=true \
    --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  case $name in
    */sdk:*)
      local variables=(--env DOTNET_NOLOGO=true --env NUGET_XMLDOC_MODE=skip --env DOTNET_CLI_TELEMETRY_OPTOUT=1) variable
      while read -r variable; do variables+=(--env "$variable"); done < <(nuget_environment)
      in_store config "${variables[@]}" "$container"
      ;;
  esac
  in_store commit --rm --quiet "$container" "$name" > /dev/null
}

make_stand_ins() {
  make_debian &&
    stand_in mcr.microsoft.com/dotnet/aspnet:10.0 dotnet host shared &&
    stand_in mcr.microsoft.com/dotnet/sdk:10.0 dotnet host packs shared sdk sdk-manifests
}

# stand_in_pytorch NAME FOLDER: Debian with Python, and in its packages torch with the libtorch of a folder.
stand_in_pytorch() {
  local container at packages
  has_image "$1" && return
  container=$(in_store from --pull=never "${limits[@]}" mcr.microsoft.com/dotnet/aspnet:10.0) && at=$(in_store mount "$container") || return
  in_store run --isolation chroot --volume /etc/ssl/certs:/etc/ssl/certs:ro "$container" -- sh -c \
    'apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-minimal python-is-python3' > "$logs/python" 2>&1 || return
  packages=$at/usr/lib/python3/dist-packages
  mkdir -p "$packages/torch" "$packages/nvidia/cublas/lib" && cp -r "$2" "$packages/torch/lib" && cp "$2/libc10.so" "$packages/nvidia/cublas/lib/libcublas.so.12" &&
    : > "$packages/torch/__init__.py" && echo "__version__ = '2.10.0+cpu'" > "$packages/torch/version.py" || return
  in_store commit --rm --quiet "$container" "$1" > /dev/null
}

# What Docker would be sent, in a folder where a file can be changed.
make_context() {
  mkdir -p "$1"
  tar -C "$root" --exclude=bin --exclude=obj -cf - .dockerignore .editorconfig BannedSymbols.txt Directory.Build.props Directory.Packages.props \
    global.json docker/metamap src | tar -C "$1" -xf -
}

# build IMAGE LOG ARGUMENT...: metamap-IMAGE from its Dockerfile. This machine's NuGet configuration and certificates are mounted while it builds.
build() {
  local image=$1 log=$logs/$2 mounts=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
  shift 2
  [ ! -d "$HOME/.nuget/NuGet" ] || mounts+=(--volume "$HOME/.nuget/NuGet:/root/.nuget/NuGet:ro")
  in_store build --isolation chroot "${limits[@]}" --format docker --layers --pull=never "${mounts[@]}" "$@" \
    --file "$root/docker/$image.Dockerfile" --tag "metamap-$image" "$images/context" > "$log" 2>&1 < /dev/null && return
  tail -n 15 "$log" | sed 's/^/      | /'
  return 1
}

# took_from_cache LOG WORDS: the step with these words is there, and its layer came from the cache.
took_from_cache() {
  grep -A 3 -E "STEP .*RUN .*$2" "$logs/$1" | grep -q 'Using cache'
}

# image_says IMAGE FIELD: of the image's configuration, with FIELD as in Docker's own JSON, such as .Cmd; lists one a line.
image_says() {
  in_store inspect --type image "metamap-$1" | jq -r ".Docker.config$2 | if type == \"array\" then .[] elif type == \"object\" then keys[] else . // empty end"
}

# The read-only root file system of an image.
root_of() {
  local container
  container=$(in_store from --pull=never "metamap-$1") && in_store mount "$container"
}

megabytes() { du -sm --apparent-size "$1" | cut -f 1; }

clean_images() {
  { in_store umount --all; in_store rm --all; } > /dev/null 2>&1
  [ "$keep_images" = 1 ] || rm -rf "$images"
}
