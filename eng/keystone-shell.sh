#!/bin/bash
# A shell in Debian's riscv64 kernel on the Keystone monitor, in QEMU, with the driver and the examples: ./host Hello. Ctrl-A X ends it.
#   eng/keystone-shell.sh [HARTS [MEGABYTES [FOLDER]]]      FOLDER: what eng/keystone-parts.sh has made
set -eu
parts=${3:+$(realpath "$3")}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
eng/install-packages.sh qemu-system-misc cpio
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [[ -z $parts ]]; then
    parts=$folder/parts
    eng/keystone-parts.sh "$parts"
fi
linux=${XDG_CACHE_HOME:-$HOME/.cache}/cloister/riscv-linux
eng/fetch-riscv-linux.sh "$linux"
mkdir -p "$folder"/root/{bin,proc,sys,dev}
cp "$parts"/{cloister_keystone.ko,host,Hello,Secret} "$folder/root"
cp "$linux/linux/usr/bin/busybox" "$folder/root/bin"
ln -s busybox "$folder/root/bin/sh"
cat > "$folder/root/init" << 'END'
#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
insmod /cloister_keystone.ko
setsid cttyhack sh
poweroff -f
END
chmod +x "$folder/root/init"
(cd "$folder/root" && find . | cpio -o -H newc -R 0:0 2> /dev/null | gzip -1) > "$folder/root.gz"
qemu-system-riscv64 -M virt -smp "${1:-1}" -m "${2:-512}" -nographic -no-reboot -bios "$parts/monitor.elf" -kernel "$linux/linux/vmlinux" \
    -initrd "$folder/root.gz" -append "console=ttyS0 panic=-1 quiet cloister.pool=64M cloister.log"
