#!/bin/bash
# The Keystone monitor beside Keystone's own and beside OpenSBI: instructions of calls, traps and time of Debian's kernel to a shell and back.
#   bench/keystone.sh MONITOR OUTPUT-FOLDER [ROUNDS]
# CLOISTER_STOCK_MONITOR names an image of Keystone's monitor (eng/stock-monitor.sh), which then is measured too and not taken from
# tests/monitor/stock-costs.txt. About a minute of processor time for each round.
set -eu
monitor=$(realpath "$1") output=$(realpath "$2") rounds=${3:-3}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
linux=${XDG_CACHE_HOME:-$HOME/.cache}/cloister/riscv-linux
eng/install-packages.sh qemu-system-misc gcc-riscv64-linux-gnu cpio
eng/fetch-riscv-linux.sh "$linux"

# The tests' kernel, which calls and counts.
riscv64-linux-gnu-gcc -O1 -ffreestanding -fno-builtin -fno-pic -fno-stack-protector -mcmodel=medany -march=rv64gc -mabi=lp64d -static -nostdlib \
    -no-pie -Wl,--build-id=none,--no-warn-rwx-segments -T tests/monitor/kernel.ld -o "$work/kernel" tests/monitor/*.c tests/monitor/*.S
# costs MONITOR PROCESSOR: a name and a number of instructions on each line.
costs() {
    qemu-system-riscv64 -M virt -m 128 -nographic -no-reboot -bios "$1" -kernel "$work/kernel" -append bench=1 -icount shift=0 -cpu "$2" |
        tr -d '\r' | sed -n 's/^cost //p'
}
costs "$monitor" rv64 | sort > "$work/here"
if [[ -n ${CLOISTER_STOCK_MONITOR:-} ]]; then
    # It programs stimecmp for enclaves too, where there is one.
    costs "$CLOISTER_STOCK_MONITOR" rv64,sstc=off
else
    cat tests/monitor/stock-costs.txt
fi | sort > "$work/stock"

mkdir -p "$work"/root/bin
cp "$linux/linux/usr/bin/busybox" "$work/root/bin/busybox"
printf '#!/bin/busybox sh\n/bin/busybox echo a shell\n/bin/busybox reboot -f\n' > "$work/root/init"
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc -R 0:0 2> /dev/null | gzip -1) > "$work/root.gz"
# boot FIRMWARE HARTS OPTIONS...: Debian's kernel to a shell and back.
boot() {
    local firmware=$1 harts=$2
    shift 2
    qemu-system-riscv64 -M virt -smp "$harts" -m 512 -nographic -no-reboot -bios "$firmware" -kernel "$linux/linux/vmlinux" -initrd "$work/root.gz" \
        -append "console=ttyS0 panic=-1 quiet" "$@" > "$work/console" 2>&1 < /dev/null
    grep -q 'a shell' "$work/console" || { cat "$work/console" >&2; exit 1; }
}
# Traps to machine mode: calls of supervisor mode, and interrupts and faults that aren't delegated.
traps() {
    mkfifo "$work/log"
    grep -cE 'desc=(supervisor_ecall|m_timer|m_software|m_external|illegal_instruction|.*access|fault_)' < "$work/log" > "$work/count" &
    boot "$1" "$2" -d int -D "$work/log"
    wait $! || true
    rm "$work/log"
    cat "$work/count"
}
# seconds FIRMWARE HARTS: processor time of the emulator, the median of all rounds.
seconds() {
    for ((i = 0; i < rounds; i++)); do
        TIMEFORMAT='%U %S'
        { time boot "$1" "$2"; } 2>&1 | awk '{ print $1 + $2 }'
    done | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}
for harts in 1 2; do
    echo "traps-$harts $(traps "$monitor" $harts) $(traps default $harts)"
    echo "boot-$harts $(seconds "$monitor" $harts) $(seconds default $harts)"
done > "$work/boots"
{
    join "$work/here" "$work/stock"
    cat "$work/boots"
} > "$work/all"
{
    echo "Calls in instructions, beside Keystone's monitor. Debian's kernel to a shell and back with 1 and 2 harts, beside QEMU's OpenSBI: traps to"
    echo "machine mode, and seconds of the emulator's processor time, the median of $rounds."
    printf '%-20s %16s %16s %8s\n' "" here stock ratio
    awk '{ printf "%-20s %16s %16s %8.2f\n", $1, $2, $3, $2 / $3 }' "$work/all"
}
mkdir -p "$output"
awk 'BEGIN { print "[" } { printf "%s  { \"name\": \"%s\", \"here\": %s, \"stock\": %s }", (NR > 1 ? ",\n" : ""), $1, $2, $3 } END { print "\n]" }' \
    "$work/all" > "$output/keystone.json"
