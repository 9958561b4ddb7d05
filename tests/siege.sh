#!/usr/bin/env bash
# Attacks on a node of a process of its own, with the heap of a container of 1 GiB and the default limits, while honest clients of
# other addresses chat; and honest crowds. Not part of ./test.sh.
#   tests/siege.sh [--attack unfinished-posts,silent-sockets,...] [--seconds 60] [--settle 30] [--honest 200] [--heap-limit 0x30000000]
#                  [--scale 1] [--node PATH/clusterchat.dll (from the repository's folder on)]
# Prints, in Markdown, what came of each; ends with 1 where a promise was broken, and says where the node's log is. All of it takes half an
# hour. --help lists the attacks. --node measures another node, such as one of an earlier commit; without it this one is
# published, compiled ahead of time. Needs ulimit -Hn of 20,000 for the attacks' full sizes; --scale 0.1 is for machines with less.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
ulimit -Sn "$(ulimit -Hn)"
dotnet build tests/Siege -c Release -v q --tl:off -m:1 1>&2
node=()
case " $* " in *" --node "* | *" --help "*) ;; *)
  dotnet publish src/ClusterChat -c Release --use-current-runtime -o tests/Siege/bin/node -v q --tl:off -m:1 1>&2
  node=(--node tests/Siege/bin/node/clusterchat.dll)
  ;;
esac
exec dotnet tests/Siege/bin/Release/net10.0/ClusterChat.Siege.dll ${node[@]+"${node[@]}"} "$@"
