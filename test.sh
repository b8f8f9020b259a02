#!/bin/bash
# Installs what the tests need, builds everything, runs every test project, and prints as the last line
# "N passed, N failed". Exit status 0 where nothing failed.
#   ./test.sh              all tests
#   ./test.sh --nightly    all tests, with the long ones
#   ./test.sh NAME...      only test projects whose name contains one of these
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
# Locks that are taken against their order are failures of the tests.
export CLOISTER_CHECK_LOCKS=1

names=()
for argument in "$@"; do
    case $argument in
        --nightly) export CLOISTER_NIGHTLY=1 ;;
        -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
        -*) echo "test.sh: there is no option '$argument'; see ./test.sh --help." >&2; exit 1 ;;
        *) names+=("$argument") ;;
    esac
done

eng/install-packages.sh || exit 1

echo "Building..."
if ! dotnet build Cloister.slnx -c Release -v quiet -nologo -p:UseSharedCompilation=false; then
    echo "The build failed."
    echo "0 passed, 1 failed"
    exit 1
fi

is_wanted() {
    [[ ${#names[@]} -eq 0 ]] && return 0
    local name
    for name in "${names[@]}"; do
        [[ $1 == *"$name"* ]] && return 0
    done
    return 1
}

passed=0
failed=0
skipped=0
for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    program=tests/$name/bin/Release/net10.0/$name
    # Helpers of tests are libraries, which have no program.
    is_wanted "$name" && grep -q '<OutputType>Exe</OutputType>' "$project" || continue
    echo "== $name"
    log=$(mktemp)
    # In the background, under nohup and in CI these are ignored, and would be for the programs under test too.
    env --default-signal=INT,QUIT,HUP "$program" -noLogo -noColor 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+' "$log" | tail -n 1)
    rm -f "$log"
    if [[ $summary =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+),\ Not\ Run:\ ([0-9]+) ]]; then
        bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
        passed=$((passed + BASH_REMATCH[1] - BASH_REMATCH[3] - BASH_REMATCH[4] - BASH_REMATCH[5]))
        skipped=$((skipped + BASH_REMATCH[4]))
    else
        bad=0
    fi
    # A run that crashed, or ended without its summary, has failed even where no single test says so.
    if [[ $bad -eq 0 && ($status -ne 0 || -z $summary) ]]; then
        echo "$name ended with status $status${summary:+ although its tests passed}."
        bad=1
    fi
    failed=$((failed + bad))
done

[[ $skipped -gt 0 ]] && echo "$skipped skipped"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]]
