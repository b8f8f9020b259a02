#!/bin/bash
# Measures ways to call the host at several costs of an exit: redis inside with a client outside. Prints requests in a second and processor time
# of the whole enclave for each request, workers included, and writes FOLDER/switchless.json. Called by ../bench.sh switchless.
#   bench/switchless.sh CLOISTER FOLDER [ROUNDS]
set -eu
cloister=$1 folder=$2 rounds=${3:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
requests=20000 clients=16 port=27800

# Ticks of processor time that a process has used.
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# One server: a line "way TAB cost TAB requests in a second TAB microseconds of processor time for each".
measure() {
    local way=$1 cost=$2 server before after rate
    shift 2
    "$@" redis-server --port $port --save '' --bind 0.0.0.0 --protected-mode no > /dev/null &
    server=$!
    for _ in $(seq 200); do
        redis-cli -p $port ping > /dev/null 2>&1 && break
        sleep 0.1
    done
    redis-benchmark -p $port -n 2000 -c $clients -t get -q > /dev/null
    before=$(ticks $server)
    rate=$(redis-benchmark -p $port -n $requests -c $clients -t get --csv | tr -d '"' | awk -F, 'END { print $2 }')
    after=$(ticks $server)
    redis-cli -p $port shutdown nosave
    wait $server || true
    awk -v way="$way" -v cost="$cost" -v rate="$rate" -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" -v requests=$requests \
        'BEGIN { printf "%s\t%s\t%s\t%.2f\n", way, cost, rate, ticks / hertz * 1e6 / requests }'
    port=$((port + 1))
}

for ((round = 0; round < rounds; round++)); do
    measure native 0 >> "$work/all"
    for cost in 0 4000 8000 10000 12000; do
        measure exiting $cost "$cloister" do --exit-cost $cost -- >> "$work/all"
        measure workers $cost "$cloister" do --exit-cost $cost --switchless workers -- >> "$work/all"
    done
done

# The best of each: what else runs on the machine only makes things slower.
sort -t $'\t' -k1,1 -k2,2n -k3,3nr "$work/all" | awk -F '\t' '!seen[$1, $2]++' > "$work/best"
printf '%-10s %12s %14s %18s\n' way "exit, cycles" "requests/s" "us CPU/request"
awk -F '\t' '{ printf "%-10s %12s %14.0f %18.2f\n", $1, $2, $3, $4 }' "$work/best"
mkdir -p "$folder"
awk -F '\t' 'BEGIN { print "[" } { printf "%s  { \"way\": \"%s\", \"cycles\": %s, \"requests\": %s, \"cpu\": %s }", (NR > 1 ? ",\n" : ""), $1, $2, $3, $4 } END { print "\n]" }' \
    "$work/best" > "$folder/switchless.json"
