#!/bin/bash
# Makes what a Keystone machine is made of, in a folder: the monitor (monitor.elf), the driver for Debian's riscv64 kernel (cloister_keystone.ko) and
# that (vmlinux), Cloister's kernel (kernel) and its launcher (launcher), the examples' enclaves (Hello, Secret) and their host program (host).
#   eng/keystone-parts.sh FOLDER
set -eu
mkdir -p "${1:?which folder?}"
output=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
eng/install-packages.sh gcc-riscv64-linux-gnu libc6-dev-riscv64-cross make
linux=${XDG_CACHE_HOME:-$HOME/.cache}/cloister/riscv-linux
eng/fetch-riscv-linux.sh "$linux"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# What tools say is shown where they fail.
quietly() { "$@" > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }; }
quietly eng/monitor-image.sh "$output/monitor.elf"

mkdir "$folder/driver"
cp src/outside/linux-driver/* "$folder/driver"
# The headers name a compiler that this system hasn't; types for BPF would need another tool.
quietly make -s -C "$linux/linux/headers" M="$folder/driver" ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- CC=riscv64-linux-gnu-gcc \
    CONFIG_DEBUG_INFO_BTF_MODULES= modules
riscv64-linux-gnu-strip -g -o "$output/cloister_keystone.ko" "$folder/driver/cloister_keystone.ko"
ln -sf "$linux/linux/vmlinux" "$output/vmlinux"

# compile PROJECT ASSEMBLY BOARD OUTPUT: C# without an operating system's runtime, by Cloister.Aot.
compile() {
    quietly dotnet build "$1" -c Release -v quiet -nologo
    local assemblies=$1/bin/Release/net10.0
    mkdir "$folder/$2"
    # shellcheck disable=SC2046
    quietly dotnet src/toolchain/Cloister.Aot/bin/Release/net10.0/cloister-aot.dll --target riscv64-qemu-m --stack 131072 \
        --board "$3" --folder "$folder/$2" --output "$4" \
        "$assemblies/$2.dll" $(find "$assemblies" -name 'Cloister.*.dll' ! -name "$2.dll" | sort)
}
compile src/outside/Cloister.Keystone.Launcher Cloister.Keystone.Launcher src/outside/Cloister.Keystone.Launcher/Board "$output/launcher"

riscv64-linux-gnu-gcc -O2 -static -I src/sdk/host -I examples/keystone -I src/outside/linux-driver examples/keystone/host.c src/sdk/host/cloister_enclave.c \
    -o "$output/host"
CLOISTER_IMAGE_CPU=keystone quietly eng/kernel-image.sh "$output/kernel" Release build
for example in Hello Secret; do
    compile "examples/keystone/$example" "Cloister.Example.$example" src/sdk/Cloister.Sdk.Enclave/Board "$folder/$example.elf"
    riscv64-linux-gnu-objcopy -O binary "$folder/$example.elf" "$output/$example"
done
touch "$output/complete"
