#!/bin/bash
# Makes the Keystone monitor's image: compiles Cloister.Monitor and brings it to RISC-V with Cloister.Aot.
#   eng/monitor-image.sh OUTPUT
set -eu
output=$(realpath "${1:?where does the image go?}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
for project in src/toolchain/Cloister.Aot/Cloister.Aot.csproj src/monitor/Cloister.Monitor/Cloister.Monitor.csproj; do
    dotnet build "$project" -c Release -v quiet -nologo
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
assemblies=src/monitor/Cloister.Monitor/bin/Release/net10.0
dotnet src/toolchain/Cloister.Aot/bin/Release/net10.0/cloister-aot.dll --target riscv64-qemu-m --profile monitor --stack 131072 \
    --board src/monitor/Cloister.Monitor/Board --folder "$folder" --output "$output" $assemblies/Cloister.Monitor.dll $assemblies/Cloister.Crypto.dll
