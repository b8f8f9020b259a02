#!/bin/bash
# Runs programs of the Linux Test Project natively and inside an enclave, and prints a table of those that differ.
#   eng/run-ltp.sh PATH-OF-BUILT-LTP LIST
# LIST has one test name a line; a test is a program of that name somewhere below testcases/. Build what you need, such as
#   git clone https://github.com/linux-test-project/ltp && cd ltp && make autotools && ./configure && make -C lib &&
#   make -C libs && make -C testcases/kernel/syscalls
# CLOISTER_OPTIONS are options of "cloister do", such as --volume-enc FILE:/tmp --key-file FILE.
# A test's result is what it reports: pass, fail, broken, skip (a test may end with several; the worst counts), or the signal or the
# time limit that ended it. Exit status 0 where each test that passes natively passes inside.
set -u
if [[ $# -ne 2 || ! -d $1/testcases || ! -r $2 ]]; then
    echo "usage: $0 PATH-OF-BUILT-LTP LIST" >&2
    exit 2
fi
ltp=$(readlink -f "$1")
list=$(readlink -f "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
cloister=${CLOISTER:-$PWD/cloister}
limit=${LTP_TIMEOUT:-30}
read -ra options <<< "${CLOISTER_OPTIONS:-}"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# The exit status of a test is a sum of bits: 1 failed, 2 broken, 4 warned, 32 not for this system.
result_of() {
    case $1 in
        0 | 4) echo pass ;;
        32 | 36) echo skip ;;
        124 | 137) echo "time limit" ;;
        *)
            if (($1 > 128)); then
                echo "signal $(($1 - 128))"
            elif (($1 & 1)); then
                echo fail
            elif (($1 & 2)); then
                echo broken
            else
                echo "status $1"
            fi ;;
    esac
}

run_in_scratch() {
    local scratch status
    scratch=$(mktemp -d)
    (cd "$scratch" && exec timeout -k 2 "$limit" "$@") > "$logs/output" 2>&1 < /dev/null
    status=$?
    rm -rf "$scratch"
    return $status
}

declare -A counts=()
different=0
worse=0
printf '%-28s %-12s %-12s %s\n' test native inside "first complaint inside"
while read -r name; do
    [[ -z $name || $name == \#* ]] && continue
    program=$(find "$ltp/testcases" -type f -name "$name" -perm -u+x -print -quit)
    if [[ -z $program ]]; then
        counts["not built"]=$((${counts["not built"]:-0} + 1))
        continue
    fi
    run_in_scratch "$program"
    native=$(result_of $?)
    # TMPDIR: a directory that exists inside, where changes stay.
    run_in_scratch "$cloister" do "${options[@]}" -e TMPDIR=/tmp -w /tmp -- "$program"
    inside=$(result_of $?)
    counts["native $native"]=$((${counts["native $native"]:-0} + 1))
    counts["inside $inside"]=$((${counts["inside $inside"]:-0} + 1))
    if [[ $native != "$inside" ]]; then
        different=$((different + 1))
        [[ $native == pass ]] && worse=$((worse + 1))
        complaint=$(grep -m 1 -aE 'TFAIL|TBROK|not implemented|TCONF|Function not' "$logs/output" | sed 's/\x1b\[[0-9;]*m//g' | cut -c 1-120)
        printf '%-28s %-12s %-12s %s\n' "$name" "$native" "$inside" "$complaint"
    fi
done < "$list"
echo
for key in "${!counts[@]}"; do
    printf '%-28s %s\n' "$key" "${counts[$key]}"
done | sort
echo "$different differ, $worse of them pass natively"
[[ $worse -eq 0 ]]
