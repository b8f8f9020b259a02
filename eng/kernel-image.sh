#!/bin/sh
# Compiles the kernel's image for virtual machines: eng/kernel-image.sh OUTPUT [CONFIGURATION [build]].
# With "build" the kernel's assemblies and the compiler are built first, where they aren't up to date.
# CLOISTER_IMAGE_CPU is x86_64 or riscv64. Object files stay in OUTPUT.objects, for the next time.
# CLOISTER_IMAGE_LOG names a file for what the compilers say.
set -e
[ -z "$CLOISTER_IMAGE_LOG" ] || exec > "$CLOISTER_IMAGE_LOG" 2>&1
here=$(cd "$(dirname "$0")/.." && pwd)
configuration=${2:-Debug}
cpu=${CLOISTER_IMAGE_CPU:-x86_64}
case $cpu in
    x86_64) name=Cloister.Image board=X64 ;;
    riscv64) name=Cloister.Image.RiscV64 board=RiscV64 ;;
    *) echo "kernel-image.sh: CLOISTER_IMAGE_CPU is x86_64 or riscv64, not '$cpu'." >&2; exit 1 ;;
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
dotnet "$here/src/toolchain/Cloister.Aot/bin/$configuration/net10.0/cloister-aot.dll" --target "$cpu-kernel" --cpu kernel --no-turns \
    --board "$here/src/inside/platforms/Cloister.Platform.Paged/Cpu/$board/Machine" --stack 262144 --thread-stack 131072 \
    --output "$work/image" --folder "$work/c" --map "$work/map" --cache "$output.objects" "$name.dll" $assemblies
mv "$work/map" "$output.map"
mv "$work/image" "$output"
