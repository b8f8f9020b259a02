#!/bin/bash
# Installs the Debian packages named as arguments that are missing; without arguments those of eng/packages.txt.
# Says what it does, and needs no root where nothing is missing.
set -u
packages=("$@")
if [[ ${#packages[@]} -eq 0 ]]; then
    while read -r package; do
        [[ -z $package || $package == \#* ]] || packages+=("$package")
    done < "$(dirname "${BASH_SOURCE[0]}")/packages.txt"
fi

missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

become=()
if [[ $EUID -ne 0 ]]; then
    if ! sudo -n true 2> /dev/null; then
        echo "These packages are needed: ${missing[*]}; install them as root with 'apt-get install ${missing[*]}'." >&2
        exit 1
    fi
    become=(sudo -n)
fi

echo "Installing packages: ${missing[*]}" >&2
if ! { "${become[@]}" apt-get update -qq \
    && "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null; }; then
    echo "These packages could not be installed: ${missing[*]}; see the messages above." >&2
    exit 1
fi
