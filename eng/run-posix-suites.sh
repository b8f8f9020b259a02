#!/bin/bash
# Runs POSIX test suites, which are not part of the repository, on an encrypted volume: pjdfstest by FUSE (as root), fsx by FUSE and inside.
#   eng/run-posix-suites.sh PATH-OF-PJDFSTEST [PATH-OF-FSX-PROGRAM [OPERATIONS]]
# Build them with
#   git clone https://github.com/pjd/pjdfstest && cd pjdfstest && autoreconf -ifs && ./configure && make pjdfstest
#   and ltp/fsx.c of git://git.kernel.org/pub/scm/fs/xfs/xfstests-dev.git
# Exit status 0 where everything passes. Needs the packages fuse3 and perl.
set -u
if [[ $# -lt 1 || $# -gt 3 || ! -d $1/tests ]]; then
    echo "usage: $0 PATH-OF-PJDFSTEST [PATH-OF-FSX-PROGRAM [OPERATIONS]]" >&2
    exit 2
fi
suite=$(readlink -f "$1")
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
done
mounted=yes
failed=0
mkdir "$work/mounted/pjdfstest"
(cd "$work/mounted/pjdfstest" && prove -r "$suite/tests" | tail -n 3) || failed=1
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
"$cloister" fs check "$work/volume" --key-file "$work/key" 2> /dev/null || failed=1
exit $failed
