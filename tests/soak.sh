#!/usr/bin/env bash
# A long run: a cluster of processes under load and random faults, with a checker; not part of ./test.sh.
#   tests/soak.sh --minutes 10 [--times N] [--store sqlite|postgres] [--nodes 4] [--clients 200] [--rooms 24] [--rate 200]
#                 [--seed N] [--faults kill-owner,cut,...]
# Prints, in Markdown, what each kind of fault cost; ends with 1 where a promise was broken, and says where the logs are.
# The nodes are what one would deploy: published, compiled ahead of time.
# Cut links need root: each node gets a network namespace. --help lists the faults.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build tests/Soak -c Release -v q --tl:off -m:1 1>&2
dotnet publish src/ClusterChat -c Release --use-current-runtime -o tests/Soak/bin/node -v q --tl:off -m:1 1>&2
export CLUSTERCHAT_NODE="$PWD/tests/Soak/bin/node/clusterchat.dll"
exec dotnet tests/Soak/bin/Release/net10.0/ClusterChat.Soak.dll "$@"
