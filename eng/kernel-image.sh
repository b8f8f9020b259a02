#!/bin/sh
# Compiles the kernel's image for virtual machines: eng/kernel-image.sh OUTPUT [CONFIGURATION [build]].
# With "build" the kernel's assemblies and the compiler are built first, where they aren't up to date.
# CLOISTER_IMAGE_CPU is x86_64, riscv64, or keystone for an enclave of that: a flat file. Object files stay in OUTPUT.objects, for the next time.
# CLOISTER_IMAGE_LOG names a file for what the compilers say.
set -e
[ -z "$CLOISTER_IMAGE_LOG" ] || exec > "$CLOISTER_IMAGE_LOG" 2>&1
here=$(cd "$(dirname "$0")/.." && pwd)
configuration=${2:-Debug}
cpu=${CLOISTER_IMAGE_CPU:-x86_64}
case $cpu in
    x86_64) name=Cloister.Image target=x86_64 board=Cloister.Platform.Paged/Cpu/X64 ;;
    riscv64) name=Cloister.Image.RiscV64 target=riscv64 board=Cloister.Platform.Paged/Cpu/RiscV64 ;;
    keystone) name=Cloister.Image.Keystone target=riscv64 board=Cloister.Platform.Keystone ;;
    *) echo "kernel-image.sh: CLOISTER_IMAGE_CPU is x86_64, riscv64 or keystone, not '$cpu'." >&2; exit 1 ;;
esac
folder=$here/src/inside/$name/bin/$configuration/net10.0
if [ "$3" = build ]; then
    for project in src/toolchain/Cloister.Aot src/inside/$name; do
        DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet build "$here/$project" -c "$configuration" -v quiet -nologo \
            -p:UseSharedCompilation=false -nodeReuse:false >&2
    done
fi
# Made beside its place and moved there, so that who starts a machine meanwhile has the old image or the new one.
output=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cd "$folder"
# The image's assembly first: it has the entry point. Assemblies have no blanks in their names.
assemblies=$(ls Cloister.*.dll | grep -v "^$name.dll$" | LC_ALL=C sort)
# shellcheck disable=SC2086
dotnet "$here/src/toolchain/Cloister.Aot/bin/$configuration/net10.0/cloister-aot.dll" --target "$target-kernel" --cpu kernel --no-turns \
    --board "$here/src/inside/platforms/$board/Machine" --stack 262144 --thread-stack 131072 \
    --output "$work/image" --folder "$work/c" --map "$work/map" --cache "$output.objects" "$name.dll" $assemblies
mv "$work/map" "$output.map"
if [ "$cpu" = keystone ]; then
    # Zeroed variables and the stack are in the file too: all that an enclave starts with is measured.
    mv "$work/image" "$work/elf"
    riscv64-linux-gnu-objcopy -O binary --set-section-flags .bss=alloc,load,contents --set-section-flags .stack=alloc,load,contents \
        "$work/elf" "$work/image"
fi
mv "$work/image" "$output"
