#!/bin/bash
# Builds Keystone's own security monitor on OpenSBI, which this repository's is compared with: eng/stock-monitor.sh OUTPUT
# KEYSTONE_SOURCE and OPENSBI_SOURCE name other git repositories than those on GitHub. Nothing of them becomes a part of Cloister.
set -eu
output=$(realpath "${1:?where does the image go?}")
keystone=88c49ee99e745980eea623bddacb40f7303107bd opensbi=v1.1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# take REPOSITORY COMMIT FOLDER
take() {
    git clone -q --no-checkout "$1" "$folder/$3"
    git -C "$folder/$3" checkout -q "$2"
}
take "${KEYSTONE_SOURCE:-https://github.com/keystone-enclave/keystone}" "$keystone" keystone
take "${OPENSBI_SOURCE:-https://github.com/riscv-software-src/opensbi}" "$opensbi" opensbi
cd "$folder/opensbi"
for change in "$folder"/keystone/overlays/keystone/patches/opensbi/*.patch; do
    patch -s -p1 < "$change"
done
export KEYSTONE_SM=$folder/keystone/sm KEYSTONE_SDK_DIR=$folder/keystone/sdk KEYSTONE_PLATFORM=generic
make -s PLATFORM_DIR="$KEYSTONE_SM/plat/" PLATFORM=generic FW_DYNAMIC=y FW_JUMP=y CROSS_COMPILE=riscv64-linux-gnu- > "$folder/log" 2>&1 ||
    { tail -n 20 "$folder/log" >&2; exit 1; }
cp "$folder/opensbi/build/platform/generic/firmware/fw_dynamic.elf" "$output"
