#!/bin/bash
# Makes a root file system of Debian's packages for another processor, with an apt configuration of its own: nothing is installed, and the
# machine's configuration isn't touched. The packages are unpacked, not configured: no script of theirs runs. Status 0 where all is there.
#   eng/debian-rootfs.sh FOLDER ARCHITECTURE [PACKAGE...]       eng/debian-rootfs.sh ~/trixie riscv64 busybox-static bash coreutils python3
set -u
folder=${1:?which folder?}
architecture=${2:?which architecture?}
shift 2
packages=${*:-base-files busybox-static bash coreutils python3}
[[ -f $folder.packages && $(< "$folder.packages") == "$architecture $packages" ]] && exit 0
mkdir -p "$folder" || exit 1
folder=$(realpath "$folder")
apt=$folder.apt
mkdir -p "$apt"/{lists/partial,archives/partial} || exit 1
trap 'rm -rf "$apt"' EXIT
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" > "$apt/sources.list"
: > "$apt/status"
cat > "$apt/apt.conf" << END
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Install-Recommends "false";
Acquire::Retries "2";
Acquire::http::Timeout "20";
END
export APT_CONFIG=$apt/apt.conf
apt-get update -qq > "$apt/log" 2>&1 || { tail -n 3 "$apt/log" >&2; exit 1; }
# shellcheck disable=SC2086
apt-get install -y -qq --download-only $packages > "$apt/log" 2>&1 || { grep '^E:' "$apt/log" >&2; exit 1; }
# The folders that /bin and its like are links to; packages come with files in either.
for name in bin sbin lib; do
    mkdir -p "$folder/usr/$name"
    [[ -e $folder/$name ]] || ln -s "usr/$name" "$folder/$name"
done
for package in "$apt"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$folder" || exit 1
done
mkdir -p "$folder"/{proc,dev,sys,tmp,root,etc}
[[ -e $folder/bin/sh ]] || ln -s bash "$folder/bin/sh"
[[ -e $folder/etc/passwd ]] || echo 'root:x:0:0:root:/root:/bin/bash' > "$folder/etc/passwd"
[[ -e $folder/etc/group ]] || echo 'root:x:0:' > "$folder/etc/group"
echo "$architecture $packages" > "$folder.packages"
