#!/bin/sh
# Compiles the kernel's image for virtual machines: eng/kernel-image.sh OUTPUT [CONFIGURATION [build]].
# With "build" the kernel's assemblies and the compiler are built first, where they aren't up to date.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
configuration=${2:-Debug}
folder=$here/src/inside/Cloister.Image/bin/$configuration/net10.0
if [ "$3" = build ]; then
    for project in src/toolchain/Cloister.Aot src/inside/Cloister.Image; do
        DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet build "$here/$project" -c "$configuration" -v quiet -nologo -p:UseSharedCompilation=false >&2
    done
fi
# The C files have the same names wherever they lie, and no file's name gets into the image: two builds are equal.
assemblies=$(cd "$folder" && ls Cloister.*.dll | grep -v '^Cloister.Image.dll$' | LC_ALL=C sort)
cd "$folder"
# shellcheck disable=SC2086
exec dotnet "$here/src/toolchain/Cloister.Aot/bin/$configuration/net10.0/cloister-aot.dll" --target x86_64-kernel --cpu kernel --no-turns \
    --board "$here/src/inside/platforms/Cloister.Platform.Paged/Cpu/X64/Machine" --stack 262144 --thread-stack 131072 \
    --output "$1" --folder "$1.c" --map "$1.map" Cloister.Image.dll $assemblies
