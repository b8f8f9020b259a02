#!/bin/bash
# Measures Cloister against native Linux and, where it is installed, gVisor (runsc), in the same run; prints a table, and writes
# docs/bench/process.json and docs/bench/process.svg. Takes about three minutes; needs gcc, python3, numpy and openssl for all of it.
#   ./bench.sh [--rounds N] [--output FOLDER]
#   ./bench.sh fs [--rounds N] [--largest GIB]      CloisterFS: bytes written, growth, speed; docs/bench/storage*; about five minutes
#   ./bench.sh crypto [--rounds N] [--only PART]    Cloister.Crypto against the .NET runtime and openssl speed; docs/bench/crypto.*
#   ./bench.sh net [ROUNDS]                         sockets: loopback, and servers with clients outside; docs/bench/network.json; needs redis, iperf3
#   ./bench.sh keystone [ROUNDS]                    the Keystone monitor beside the stock one and OpenSBI; docs/bench/keystone.json; three minutes
#   ./bench.sh aot [--rounds N]                     compiled by Cloister.Aot against CoreCLR; docs/bench/aot.*; about five minutes
# CLOISTER names another cloister than this repository's.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")"
case ${1:-} in -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# What programs do with files: on an encrypted volume inside, and natively on the file system of this folder.
measure_programs() {
    local cloister=${CLOISTER:-$PWD/cloister} work=$PWD/.build/bench/files
    rm -rf "$work"
    mkdir -p "$work"
    openssl rand -hex 32 > "$work/key"
    "$cloister" fs create "$work/volume" --size 4G --key-file "$work/key"
    /usr/bin/python3 bench/files.py "$work" > "$work/native"
    "$cloister" do --volume-enc "$work/volume:/data" --key-file "$work/key" -- /usr/bin/python3 "$PWD/bench/files.py" /data > "$work/inside"
    echo
    echo "Programs on an encrypted volume inside, and natively on this file system (100,000 files; SQLite; LevelDB):"
    printf '%-10s %10s %10s %8s\n' "" "inside, s" "native, s" ratio
    join -t $'\t' <(sort "$work/inside") <(sort "$work/native") | tee "$work/both" |
        awk -F '\t' '{ printf "%-10s %10.2f %10.2f %8.2f\n", $1, $2, $3, $2 / $3 }'
    awk -F '\t' 'BEGIN { print "[" } { printf "%s  { \"name\": \"%s\", \"inside\": %s, \"native\": %s }", (NR > 1 ? ",\n" : ""), $1, $2, $3 } END { print "\n]" }' \
        "$work/both" > docs/bench/files.json
    rm -rf "$work"
}

if [[ ${1:-} == crypto ]]; then
    shift
    dotnet publish bench/Cloister.Bench.Crypto/Cloister.Bench.Crypto.csproj -c Release -v quiet -nologo -o .build/bench/crypto
    # A part of the table doesn't replace the whole one.
    [[ " $* " == *" --only "* ]] || set -- --output "$PWD/docs/bench" "$@"
    exec .build/bench/crypto/Cloister.Bench.Crypto "$@"
fi
if [[ ${1:-} == aot ]]; then
    shift
    dotnet build bench/Cloister.Bench.Aot/Cloister.Bench.Aot.csproj -c Release -v quiet -nologo -p:UseSharedCompilation=false
    exec bench/Cloister.Bench.Aot/bin/Release/net10.0/Cloister.Bench.Aot --work "$PWD/.build/bench/aot" --output "$PWD/docs/bench" "$@"
fi
if [[ ${1:-} == keystone ]]; then
    mkdir -p .build/bench
    eng/monitor-image.sh .build/bench/monitor.elf
    exec bench/keystone.sh .build/bench/monitor.elf docs/bench "${@:2}"
fi
if [[ ${1:-} == fs ]]; then
    shift
    dotnet publish bench/Cloister.Bench.Storage/Cloister.Bench.Storage.csproj -c Release -v quiet -nologo -o .build/bench/storage
    .build/bench/storage/Cloister.Bench.Storage --output "$PWD/docs/bench" --file "$PWD/.build/bench/fs" "$@"
    measure_programs
    exit
fi
if [[ -z ${CLOISTER:-} ]]; then
    ./cloister version > /dev/null
    CLOISTER=$PWD/.build/cloister/cloister
fi
if [[ ${1:-} == net ]]; then
    shift
    exec bench/network.sh "$CLOISTER" "$PWD/docs/bench" "$@"
fi
mkdir -p .build/bench
gcc -O2 -Wall -pthread -o .build/bench/micro bench/micro.c
dotnet publish bench/Cloister.Bench/Cloister.Bench.csproj -c Release -v quiet -nologo -o .build/bench/driver
exec .build/bench/driver/Cloister.Bench "$CLOISTER" "$PWD/.build/bench/micro" "$PWD/bench/compute.py" --output "$PWD/docs/bench" "$@"
