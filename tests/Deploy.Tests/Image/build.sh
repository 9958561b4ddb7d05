#!/usr/bin/env bash
# Builds deploy/docker/Dockerfile for real, without a registry and without a network: on base images that are made of this
# machine's own SDK and libraries, with buildah. Everything it makes is below the folder WORK.
#   build.sh WORK TAG      the image TAG in WORK/storage
set -euo pipefail
work=$1 tag=$2
source=$(cd "$(dirname "$0")/../../.." && pwd)
dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
architecture=$(dpkg --print-architecture)
libraries=/usr/lib/$(uname -m)-linux-gnu
store=(--root "$work/storage" --runroot "$work/run")

# What .NET loads, by its documented list of native dependencies: C, C++, OpenSSL, ICU, zlib.
native=(ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libdl.so.2 librt.so.1 libpthread.so.0 libresolv.so.2 libgcc_s.so.1 libstdc++.so.6
  libssl.so.3 libcrypto.so.3 libz.so.1 'libicuuc.so.*' 'libicui18n.so.*' 'libicudata.so.*' 'libnss_files.so.2' 'libnss_dns.so.2')

root_with_libraries() {
  mkdir -p "$1"/{etc/ssl/certs,tmp,dev,proc,usr/bin,"$libraries",usr/lib64,usr/share/dotnet,root,home/app}
  chmod 1777 "$1/tmp"
  ln -s usr/bin "$1/bin"
  ln -s usr/lib "$1/lib"
  ln -s usr/lib64 "$1/lib64"
  ln -s "$libraries/ld-linux-x86-64.so.2" "$1/usr/lib64/ld-linux-x86-64.so.2"
  for name in "${native[@]}"; do
    for file in "$libraries"/$name; do cp -L "$file" "$1$libraries/"; done
  done
  printf 'root:x:0:0::/root:/bin/sh\napp:x:1654:1654::/home/app:/bin/false\n' > "$1/etc/passwd"
  printf 'root:x:0:\napp:x:1654:\n' > "$1/etc/group"
}

commit() {
  local container
  container=$(buildah "${store[@]}" from scratch)
  buildah "${store[@]}" copy -q "$container" "$1" / >/dev/null
  buildah "${store[@]}" config "${@:3}" "$container"
  buildah "${store[@]}" commit -q --format docker "$container" "$2" >/dev/null
  buildah "${store[@]}" rm "$container" >/dev/null
}

# The SDK's: the shell and mkdir that RUN needs. The SDK itself and NuGet's packages are mounted, to save a copy of a gigabyte.
# They are the only source of packages as well: NuGet asks a source also for versions that another one takes the place of.
root_with_libraries "$work/sdk"
ln -s /usr/share/dotnet/dotnet "$work/sdk/usr/bin/dotnet"
cp -L /bin/sh /bin/mkdir "$work/sdk/usr/bin/"
cp -L "$libraries/libselinux.so.1" "$libraries/libpcre2-8.so.0" "$work/sdk$libraries/"
commit "$work/sdk" localhost/sdk:test --env PATH=/usr/bin --env HOME=/root --env RestoreSources=/root/.nuget/packages

# The base of the node's, as the chiseled ones: no shell, no .NET, and no user but "app" and root.
root_with_libraries "$work/runtime"
commit "$work/runtime" localhost/runtime:test --env PATH=/usr/bin --env DOTNET_RUNNING_IN_CONTAINER=true --env ASPNETCORE_HTTP_PORTS=8080 --user 1654

# Fills NuGet's cache through its ordinary client, where a package is not on this machine yet.
mkdir -p "$work/restore"
(cd "$source" && cp --parents global.json Directory.*.props src/*/*.csproj "$work/restore")
dotnet restore "$work/restore/src/ClusterChat/ClusterChat.csproj" -a "$architecture" -v q

# No network from here on, and nothing that it starts outlives it.
cd "$source"
unshare --net --pid --fork --kill-child --mount-proc buildah "${store[@]}" build --isolation chroot --format docker --pull-never -q --platform linux/$architecture \
  --build-arg SDK_IMAGE=localhost/sdk:test --build-arg RUNTIME_IMAGE=localhost/runtime:test --build-arg REVISION=test \
  --volume "$dotnet_root:/usr/share/dotnet:ro" --volume "$packages:/root/.nuget/packages:ro" \
  -f deploy/docker/Dockerfile -t "$tag" .
