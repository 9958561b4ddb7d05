#!/usr/bin/env bash
# Makes a fresh Debian or Ubuntu machine ready, builds, and runs every test. The last line is "N passed, N failed".
# Needs the .NET SDK of global.json and Node.js 20 or newer. Installs Chromium, PostgreSQL, HAProxy, kubectl and buildah through
# apt where they are missing and this user may; where it may not, the tests that need them are left out, and the output says so.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
passed=0 failed=0 left_out=()
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

say() { printf '\n== %s\n' "$*"; }

fail() {
  failed=$((failed + 1))
  finish
}

finish() {
  for reason in ${left_out[@]+"${left_out[@]}"}; do printf 'left out: %s\n' "$reason"; done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && exit 0
  exit 1
}

# Runs a command as root. False: it may not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@" 2>/dev/null; fi
}

# A network namespace with a link of its own can be made; the tests run as the user who runs this.
can_cut() {
  [ "$(id -u)" -eq 0 ] && ip netns add "cc-try-$$" 2>/dev/null || return 1
  ip link add "cct$$a" type veth peer name eth0 netns "cc-try-$$" 2>/dev/null && ip link add "cct$$b" type bridge 2>/dev/null
  local code=$?
  ip link del "cct$$b" 2>/dev/null
  ip netns del "cc-try-$$"
  return $code
}

# A small file system can be mounted; the tests run as the user who runs this.
can_mount() {
  local folder
  [ "$(id -u)" -eq 0 ] && folder=$(mktemp -d) || return 1
  mount -t tmpfs -o size=1m tmpfs "$folder" 2>/dev/null && umount "$folder"
  local code=$?
  rmdir "$folder"
  return $code
}

# kubectl with a kustomize that knows components and labels: of 1.27 or newer, which Debian has since 13 (kubernetes-client).
have_kubectl() {
  local minor
  minor=$(kubectl version --client 2>/dev/null | sed -n 's/^Client Version: .*v1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge 27 ]
}

# An image can be built and run: root, with namespaces of its own.
can_build() { [ "$(id -u)" -eq 0 ] && command -v buildah >/dev/null && command -v curl >/dev/null && unshare --net --pid --fork --mount-proc true 2>/dev/null; }

# Installs Debian packages. False: it may not, or they are not to be had.
install() {
  command -v apt-get >/dev/null || return 1
  as_root true || return 1
  as_root apt-get update -qq >/dev/null 2>&1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold "$@" >/dev/null 2>&1
}

# PostgreSQL's binaries, for servers of the tests' own. The package would also make and start one for the machine:
# it is told not to, unless somebody has set it up already.
have_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

install_postgres() {
  local config=/etc/postgresql-common/createcluster.conf
  if ! [ -e "$config" ]; then
    as_root mkdir -p "${config%/*}" && printf 'create_main_cluster = false\n' | as_root tee "$config" >/dev/null || return 1
  fi
  install postgresql && have_postgres
}

# Prometheus' own reader of metrics and rules. Its package would start a server: it is unpacked, not installed.
find_promtool() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/clusterchat/prometheus
  command -v promtool >/dev/null && return
  if ! [ -x "$cache/usr/bin/promtool" ]; then
    mkdir -p "$cache" && (cd "$cache" && { apt-get download -qq prometheus || { as_root apt-get update -qq; apt-get download -qq prometheus; } } &&
      dpkg -x prometheus_*.deb . ; rm -f prometheus_*.deb) >/dev/null 2>&1
  fi
  if [ -x "$cache/usr/bin/promtool" ]; then
    export CLUSTERCHAT_PROMTOOL=$cache/usr/bin/promtool
  else
    export CLUSTERCHAT_SKIP_PROMTOOL=1
    left_out+=("tests/Cluster.Tests, those of Prometheus' promtool: it could not be had with apt-get download prometheus")
  fi
}

command -v dotnet >/dev/null || { echo "The .NET SDK is missing: its version is in global.json."; fail; }

say "Machine"
if ! command -v chromium >/dev/null && ! install chromium fonts-noto-cjk; then
  left_out+=("tests/Browser.Tests: no chromium, and it could not be installed with apt")
fi
if ! have_postgres && ! install_postgres; then
  export CLUSTERCHAT_SKIP_POSTGRES=1
  left_out+=("tests/Storage.Tests, those of PostgreSQL: no server binaries, and they could not be installed with apt")
fi
find_promtool
command -v ip >/dev/null || install iproute2
if ! can_cut; then
  export CLUSTERCHAT_SKIP_CUTS=1
  left_out+=("tests/Cluster.Tests, those of cut links: no network namespaces can be made (root, and iproute2)")
fi
if ! can_mount; then
  export CLUSTERCHAT_SKIP_MOUNTS=1
  left_out+=("tests/Cluster.Tests, that of a full disk: no file system can be mounted (root)")
fi
if ! command -v haproxy >/dev/null && ! install haproxy; then
  export CLUSTERCHAT_SKIP_PROXY=1
  left_out+=("tests/Cluster.Tests, that behind a proxy: no haproxy, and it could not be installed with apt")
fi
if ! have_kubectl && ! { install kubernetes-client && have_kubectl; }; then
  left_out+=("tests/Deploy.Tests: no kubectl of 1.27 or newer, and it could not be installed with apt")
fi
if ! can_build && ! { install buildah curl && can_build; }; then
  export CLUSTERCHAT_SKIP_IMAGE=1
  left_out+=("tests/Deploy.Tests, those of the image: no buildah, or no namespaces can be made (root)")
fi
command -v node >/dev/null || install nodejs || left_out+=("clients/js: no Node.js, and it could not be installed with apt")
command -v chromium node
compgen -G '/usr/lib/postgresql/*/bin/postgres'

say "Build"
dotnet build ClusterChat.sln -c Release -v q --tl:off || fail

say "Client library (Node's test runner)"
if command -v node >/dev/null; then
  (cd clients/js && node --test) > "$results/node.txt" 2>&1
  grep -E '^# (pass|fail) ' "$results/node.txt" || cat "$results/node.txt"
  ok=$(sed -n 's/^# pass //p' "$results/node.txt")
  bad=$(sed -n 's/^# fail //p' "$results/node.txt")
  [ "${bad:-1}" -eq 0 ] || grep -B2 -A30 '^ *not ok' "$results/node.txt" | head -200
  passed=$((passed + ${ok:-0})) failed=$((failed + ${bad:-1}))
fi

for project in tests/*.Tests; do
  name=$(basename "$project")
  if [ "$name" = Browser.Tests ] && ! command -v chromium >/dev/null; then continue; fi
  if [ "$name" = Deploy.Tests ] && ! have_kubectl; then continue; fi
  say "$name"
  start=$SECONDS
  dotnet test "$project" -c Release --no-build --tl:off --results-directory "$results/$name" \
    --logger "trx;LogFileName=results.trx" --logger "console;verbosity=minimal"
  code=$?
  trx="$results/$name/results.trx"
  ok=$(sed -n 's/.*<Counters[^>]* passed="\([0-9]*\)".*/\1/p' "$trx" 2>/dev/null)
  bad=$(sed -n 's/.*<Counters[^>]* failed="\([0-9]*\)".*/\1/p' "$trx" 2>/dev/null)
  ok=${ok:-0} bad=${bad:-0}
  # A run that broke off, or found no test, is a failure too.
  if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$ok" -eq 0 ]; }; then bad=1; fi
  passed=$((passed + ok)) failed=$((failed + bad))
  printf '%s: %d passed, %d failed in %d s\n' "$name" "$ok" "$bad" $((SECONDS - start))
done

say "Result"
finish
