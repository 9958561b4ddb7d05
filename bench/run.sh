#!/bin/bash
# Measures ClusterChat beside the bound and what most would write first, with the same work, the servers taking turns.
#
#   bench/run.sh [ROUNDS] [W...]       medians of so many rounds, default 5; all workloads, or those that are named
#
# W1 W1m W2 W2f W3 W3m W4 W5 W6; the "m" ones are rooms in memory. Environment:
#   SECONDS_PER_RUN   how long each run measures, default 10; it warms up for as long before
#   CONNECTIONS       of W4, default 20000; needs ulimit -Hn above that
#   TMPDIR            where the data are; must be on a real disk
#
# All of it takes two hours; SECONDS_PER_RUN=4 bench/run.sh 1 about 15, fewer with CONNECTIONS=5000. Needs cc for the bound, and PostgreSQL's server for W6.
# NATS is measured where nats-server is on the PATH; Debian installs it into /usr/sbin.
# CPU time is compared, so other work on the machine costs precision; latencies it spoils.
set -eu
cd "$(dirname "$0")/.."
rounds=5
case ${1:-} in [0-9]*) rounds=$1; shift ;; esac
wanted=" ${*:-W1 W1m W2 W2f W3 W3m W4 W5 W6} "
time=${SECONDS_PER_RUN:-10}
data=${TMPDIR:-/tmp}
ulimit -Sn "$(ulimit -Hn)"
if [ "$(stat -f -c %T "$data")" = tmpfs ]; then
    echo "$data is in memory, and commits are to be measured: set TMPDIR to a folder on a disk." >&2
    exit 1
fi
dotnet build -c Release bench/ClusterChat.Baselines -v quiet
dotnet build -c Release bench/ClusterChat.Bench -v quiet
bench="dotnet bench/ClusterChat.Bench/bin/Release/net10.0/ClusterChat.Bench.dll"

# run NAME TITLE ARGUMENTS...
run() {
    case $wanted in *" $1 "*) ;; *) return 0 ;; esac
    printf '\n### %s: %s\n\n' "$1" "$2"
    shift 2
    # shellcheck disable=SC2086
    printf '`%s`\n\n' "ClusterChat.Bench $*"
    $bench "$@" --rounds "$rounds"
}
load="--seconds $time --warm-up $time"
all="--servers ClusterChat Bare BareEach SendAsync SignalR"
main="--servers ClusterChat Bare SendAsync SignalR"

printf '%s, %s, %s cores, %s of memory, .NET %s, medians of %s, %s\n' "$(uname -sr)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" \
    "$(nproc)" "$(awk '/MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)" "$(dotnet --version)" "$rounds" "$(git rev-parse --short HEAD)"
printf 'A write of 4 KB with fdatasync in %s (%s): %s\n' "$data" "$(df --output=source "$data" | tail -1)" "$($bench disk)"
if command -v nats-server > /dev/null; then
    nats=Nats
    nats-server --version
else
    nats=
    echo "There is no nats-server on the PATH: measured without NATS."
fi
# shellcheck disable=SC2086
{
    run W1 "one room of 500, closed loop, 32 messages in flight" --members 500 $load $all $nats
    run W1m "the same in memory" --members 500 --memory $load --servers ClusterChat Bare
    run W2 "200 rooms of 5, the highest rate with p99 under 100 ms" peak --seconds "$((time / 3 > 2 ? time / 3 : 2))" --warm-up 5 $main $nats
    run W2f "200 rooms of 5, 2,000 messages a second" --rooms 200 --members 5 --rate 2000 $load $all $nats
    run W3 "20 rooms of 50, 200 messages a second" --rooms 20 --members 50 --rate 200 $load $all $nats
    run W3m "the same in memory" --rooms 20 --members 50 --rate 200 --memory $load --servers ClusterChat Bare
    run W4 "memory of an idle connection in a room of 50" idle --connections "${CONNECTIONS:-20000}" $main
    run W5 "W1 on one, two and three nodes" --members 500 $load --nodes 1 2 3
    run W6 "200 rooms, 32 durable sends in flight each, beside the database alone" durable $load --stores Sqlite Postgres
}
