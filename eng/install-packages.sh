# Sourced by test.sh: installs the packages of eng/packages.txt that are missing.
missing=()
while read -r package; do
    [[ -z $package || $package == \#* ]] && continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) == installed ]] || missing+=("$package")
done < eng/packages.txt
if [[ ${#missing[@]} -gt 0 ]]; then
    become=()
    if [[ $EUID -ne 0 ]]; then
        if ! sudo -n true 2> /dev/null; then
            echo "test.sh: the tests need these packages: ${missing[*]}; install them with 'apt-get install ${missing[*]}' as root." >&2
            return 1
        fi
        become=(sudo -n)
    fi
    echo "Installing packages that the tests need: ${missing[*]}"
    if ! { "${become[@]}" apt-get update -qq \
        && "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null; }; then
        echo "test.sh: these packages could not be installed: ${missing[*]}." >&2
        return 1
    fi
fi
return 0
