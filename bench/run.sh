#!/bin/sh
# Measures ClusterChat beside the bound and what most would write first, with the same work, the servers taking turns.
#
#   bench/run.sh [ROUNDS]        rounds of 10 s each; the medians are shown. Default 5, some 40 minutes.
#
# Needs cc for the bound. CPU time is compared, so other work on the machine costs precision, not all of it.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-5}
dotnet build -c Release bench/ClusterChat.Baselines -v quiet
dotnet build -c Release bench/ClusterChat.Bench -v quiet
run() {
    printf '\n### %s\n\n' "$1"
    shift
    dotnet bench/ClusterChat.Bench/bin/Release/net10.0/ClusterChat.Bench.dll --rounds "$rounds" "$@"
}
all="--servers ClusterChat Bare BareEach SendAsync SignalR"
printf '%s, %s cores\n' "$(uname -sr)" "$(nproc)"
run "W1: one room of 500, 32 messages in flight" --members 500 $all
run "W1 in memory" --members 500 --memory --servers ClusterChat Bare
run "W2f: 200 rooms of 5, 2,000 messages a second" --rooms 200 --members 5 --rate 2000 $all
run "W3: 20 rooms of 50, 200 messages a second" --rooms 20 --members 50 --rate 200 $all
run "W3 in memory" --rooms 20 --members 50 --rate 200 --memory --servers ClusterChat Bare
run "W6: 200 rooms of one, 32 messages in flight each" --rooms 200 --members 1 --servers ClusterChat
