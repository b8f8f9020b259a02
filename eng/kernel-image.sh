#!/bin/sh
# Compiles the kernel's image for virtual machines: eng/kernel-image.sh OUTPUT [CONFIGURATION]. The solution has been built before.
set -e
here=$(dirname "$0")/..
configuration=${2:-Debug}
folder=$here/src/inside/Cloister.Image/bin/$configuration/net10.0
dotnet "$here/src/toolchain/Cloister.Aot/bin/$configuration/net10.0/cloister-aot.dll" --target x86_64-kernel --cpu kernel --no-turns \
    --board "$here/src/inside/platforms/Cloister.Platform.Paged/Cpu/X64/Machine" --stack 262144 --thread-stack 131072 \
    --output "$1" --folder "$1.c" "$folder/Cloister.Image.dll" $(ls "$folder"/Cloister.*.dll | grep -v Cloister.Image.dll | sort)
