#!/bin/bash
# Fetches Debian's riscv64 kernel, its headers and busybox into a folder, with an apt configuration of its own: nothing is installed, and the
# machine's configuration isn't touched. Says what went wrong on standard error; exit status 0 where everything is there.
#   eng/fetch-riscv-linux.sh FOLDER
set -u
folder=${1:?which folder?}
version=6.12.117+deb13
[[ -f $folder/complete && $(< "$folder/complete") == "$version" ]] && exit 0
mkdir -p "$folder"/apt/{lists/partial,archives/partial} "$folder"/debs "$folder"/{linux,host} || exit 1
folder=$(realpath "$folder")
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" > "$folder/apt/sources.list"
: > "$folder/apt/status"
cat > "$folder/apt/apt.conf" << END
Dir::Etc::sourcelist "$folder/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::Lists "$folder/apt/lists";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt";
Dir::Cache::archives "$folder/apt/archives";
APT::Architecture "riscv64";
APT::Architectures { "riscv64"; "amd64"; };
Acquire::Retries "2";
Acquire::http::Timeout "20";
END
export APT_CONFIG=$folder/apt/apt.conf
apt-get update -qq > "$folder/apt/log" 2>&1 || { tail -n 3 "$folder/apt/log" >&2; exit 1; }
cd "$folder/debs" || exit 1
apt-get download -qq "linux-image-$version-riscv64" "linux-headers-$version-common:all" "linux-headers-$version-riscv64" \
    "linux-kbuild-$version:riscv64" busybox-static:riscv64 > "$folder/apt/log" 2>&1 || { grep '^E:' "$folder/apt/log" >&2; exit 1; }
for package in *.deb; do
    dpkg -x "$package" "$folder/linux" || exit 1
done
# Programs of the kernel's build run here: those of this machine's kind take the place of riscv64's, with the C library that they want.
mkdir -p "$folder/debs/amd64" && cd "$folder/debs/amd64" || exit 1
apt-get download -qq "linux-kbuild-$version:amd64" libc6:amd64 > "$folder/apt/log" 2>&1 || { grep '^E:' "$folder/apt/log" >&2; exit 1; }
dpkg -x linux-kbuild-*.deb "$folder/linux" && dpkg -x libc6_*.deb "$folder/host" || exit 1
headers=$folder/linux/usr/src/linux-headers-$version
echo "include $headers-common/Makefile" > "$headers-riscv64/Makefile"
library=$folder/host/usr/lib/x86_64-linux-gnu
modpost=$folder/linux/usr/lib/linux-kbuild-$version/scripts/mod
printf '#!/bin/sh\nexec %s/ld-linux-x86-64.so.2 --library-path %s %s/modpost.real-lsb-64 "$@"\n' "$library" "$library" "$modpost" > "$modpost/modpost"
chmod +x "$modpost/modpost"
ln -sf "boot/vmlinux-$version-riscv64" "$folder/linux/vmlinux"
ln -sfn "usr/src/linux-headers-$version-riscv64" "$folder/linux/headers"
rm -rf "$folder/debs" "$folder/apt"
echo "$version" > "$folder/complete"
