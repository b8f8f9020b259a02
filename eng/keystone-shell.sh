#!/bin/bash
# A shell in Debian's riscv64 kernel on the Keystone monitor, in QEMU. Ctrl-A X ends it.
#   eng/keystone-shell.sh [HARTS [MEGABYTES]]
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
linux=${XDG_CACHE_HOME:-$HOME/.cache}/cloister/riscv-linux
eng/fetch-riscv-linux.sh "$linux"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
eng/monitor-image.sh "$folder/monitor.elf" > /dev/null
mkdir -p "$folder"/root/{bin,proc,sys,dev} "$folder/driver"
cp src/outside/linux-driver/* "$folder/driver"
make -s -C "$linux/linux/headers" M="$folder/driver" ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- CC=riscv64-linux-gnu-gcc \
    CONFIG_DEBUG_INFO_BTF_MODULES= modules
riscv64-linux-gnu-strip -g "$folder/driver/cloister_keystone.ko"
cp "$folder/driver/cloister_keystone.ko" "$folder/root"
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
qemu-system-riscv64 -M virt -smp "${1:-1}" -m "${2:-512}" -nographic -no-reboot -bios "$folder/monitor.elf" -kernel "$linux/linux/vmlinux" \
    -initrd "$folder/root.gz" -append "console=ttyS0 panic=-1 quiet cloister.pool=64M cloister.log"
