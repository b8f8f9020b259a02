#!/bin/bash
# Runs POSIX test suites, which are not part of the repository, on an encrypted volume: pjdfstest by FUSE (as root), fsx by FUSE and inside,
# and where they are installed, fio with verification, fsstress, and SQLite's integrity check after a load, by FUSE and inside.
#   eng/run-posix-suites.sh PATH-OF-PJDFSTEST|- [PATH-OF-FSX-PROGRAM [OPERATIONS]]
# The variable FSSTRESS may name the program of LTP or xfstests; built without AIO, which isn't there inside.
# Build them with
#   git clone https://github.com/pjd/pjdfstest && cd pjdfstest && autoreconf -ifs && ./configure && make pjdfstest
#   and ltp/fsx.c of git://git.kernel.org/pub/scm/fs/xfs/xfstests-dev.git
# Exit status 0 where everything passes. Needs the packages fuse3 and perl.
set -u
if [[ $# -lt 1 || $# -gt 3 || ( $1 != - && ! -d $1/tests ) ]]; then
    echo "usage: $0 PATH-OF-PJDFSTEST|- [PATH-OF-FSX-PROGRAM [OPERATIONS]]" >&2
    exit 2
fi
suite=
[[ $1 = - ]] || suite=$(readlink -f "$1")
fsx=${2:+$(readlink -f "$2")}
operations=${3:-100000}
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
cloister=${CLOISTER:-$PWD/cloister}
work=$(mktemp -d)
mounted=
finish() {
    [[ -z $mounted ]] || fusermount3 -u "$work/mounted"
    wait
    rm -rf "$work"
}
trap finish EXIT

openssl rand -hex 32 > "$work/key"
"$cloister" fs create "$work/volume" --size 1G --key-file "$work/key" || exit 1
mkdir "$work/mounted"
"$cloister" fs mount "$work/volume" "$work/mounted" --key-file "$work/key" --allow-other 2> "$work/log" &
until mountpoint -q "$work/mounted"; do
    kill -0 $! 2> /dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
done
mounted=yes
failed=0
# loads NAME DIRECTORY COMMAND...: runs the loads in a directory, by a command that is put before each program.
loads() {
    local name=$1 directory=$2
    shift 2
    if command -v fio > /dev/null; then
        for pattern in randwrite randrw write; do
            "$@" fio --name=$pattern --directory="$directory" --rw=$pattern --size=32M --bs=4k --ioengine=psync --fsync=64 --verify=crc32c --do_verify=1 \
                --verify_fatal=1 --verify_state_save=0 --fallocate=none --output=/dev/null && echo "fio $pattern $name: verified" || { echo "fio $pattern $name: failed"; failed=1; }
        done
    fi
    if [[ -n ${FSSTRESS:-} ]]; then
        # It ends with success also where its processes could do nothing.
        "$@" "$FSSTRESS" -d "$directory/fsstress" -n 2000 -p 4 -s 1 > /dev/null && [[ $("$@" find "$directory/fsstress" | wc -l) -gt 100 ]] \
            && echo "fsstress $name: done" || { echo "fsstress $name: failed"; failed=1; }
    fi
    if command -v sqlite3 > /dev/null; then
        local answer
        answer=$("$@" sqlite3 "$directory/db" "create table t(a integer primary key, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) \
            insert into t select i, hex(randomblob(100)) from n; update t set b = hex(randomblob(200)) where a % 3 = 0; delete from t where a % 7 = 0; vacuum; pragma integrity_check")
        [[ $answer = ok ]] && echo "sqlite $name: ok" || { echo "sqlite $name: $answer"; failed=1; }
    fi
}
if [[ -n $suite ]]; then
mkdir "$work/mounted/pjdfstest"
(cd "$work/mounted/pjdfstest" && prove -r "$suite/tests" | tail -n 3) || failed=1
fi
mkdir "$work/mounted/loads" "$work/mounted/inside"
loads "by FUSE" "$work/mounted/loads"
if [[ -n $fsx ]]; then
    "$fsx" -N "$operations" -S 1 "$work/mounted/fsx" | tail -n 1
    [[ ${PIPESTATUS[0]} -eq 0 ]] || failed=1
fi
fusermount3 -u "$work/mounted"
mounted=
wait
if [[ -n $fsx ]]; then
    "$cloister" do --volume-enc "$work/volume:/data" --key-file "$work/key" -- "$fsx" -N "$operations" -S 2 /data/fsx | tail -n 1
    [[ ${PIPESTATUS[0]} -eq 0 ]] || failed=1
fi
loads "inside" /data/inside "$cloister" do --volume-enc "$work/volume:/data" --key-file "$work/key" --
"$cloister" fs check "$work/volume" --key-file "$work/key" 2> /dev/null || failed=1
exit $failed
