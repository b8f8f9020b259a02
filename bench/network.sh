#!/bin/bash
# Measures the network: two threads over loopback (bench/network.c), and servers inside with clients outside, each natively and inside in
# turn. Prints ratios to native and writes FOLDER/network.json. Called by ../bench.sh net.
#   bench/network.sh CLOISTER FOLDER [ROUNDS]
set -eu
cloister=$1 folder=$2 rounds=${3:-3}
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -pthread -o "$work/network" "$here/network.c"
port=27400

# Runs a command natively or inside.
run() {
    local where=$1
    shift
    if [[ $where == native ]]; then "$@"; else "$cloister" do -- "$@"; fi
}

wait_for() {
    for _ in $(seq 200); do
        (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
        sleep 0.1
    done
    echo "Nobody listens on port $1." >&2
    exit 1
}

# Requests in a second, as lines "name TAB seconds for each", so that smaller is better everywhere.
redis() {
    run "$1" redis-server --port $port --save '' --bind 0.0.0.0 --protected-mode no > /dev/null &
    local server=$!
    wait_for $port
    redis-benchmark -p $port -n 20000 -c 16 -t get,set --csv | tr -d '"' |
        awk -F, 'NR > 1 { printf "redis %s, us\t%.3f\n", $1, 1e6 / $2 }'
    redis-benchmark -p $port -n 200000 -c 16 -P 16 -t get --csv | tr -d '"' |
        awk -F, 'NR > 1 { printf "redis %s, pipelined, us\t%.3f\n", $1, 1e6 / $2 }'
    redis-cli -p $port shutdown nosave
    wait $server || true
}

bandwidth() {
    for direction in "" -R; do
        run "$1" iperf3 -s -1 -p $port > /dev/null &
        local server=$!
        # A look at the port would be the server's one client.
        until ss -Htln "sport = :$port" | grep -q .; do sleep 0.1; done
        iperf3 -c 127.0.0.1 -p $port -t 2 -J $direction |
            awk -v name="iperf3${direction:+ from inside}, us for a MiB" '/"sum_received"/ { s = 1 } s && /bits_per_second/ { gsub(/[^0-9.e+]/, "", $2); printf "%s\t%.3f\n", name, 8388608 / $2 * 1e6; exit }'
        wait $server || true
    done
}

for ((round = 0; round < rounds; round++)); do
    for where in native inside; do
        {
            run $where "$work/network" 5000
            ! command -v redis-server > /dev/null || redis $where
            ! command -v iperf3 > /dev/null || bandwidth $where
        } >> "$work/$where"
        port=$((port + 1))
    done
done

# The best of each: what else runs on the machine only makes things slower.
best() { sort -t $'\t' -k1,1 -k2,2n "$1" | awk -F '\t' '!seen[$1]++'; }
join -t $'\t' <(best "$work/inside" | sort -t $'\t' -k1,1) <(best "$work/native" | sort -t $'\t' -k1,1) > "$work/both"
printf '%-36s %12s %12s %8s\n' "" inside native "speed"
awk -F '\t' '{ printf "%-36s %12.2f %12.2f %8.2f\n", $1, $2, $3, $3 / $2 }' "$work/both"
mkdir -p "$folder"
awk -F '\t' 'BEGIN { print "[" } { printf "%s  { \"name\": \"%s\", \"inside\": %s, \"native\": %s }", (NR > 1 ? ",\n" : ""), $1, $2, $3 } END { print "\n]" }' \
    "$work/both" > "$folder/network.json"
