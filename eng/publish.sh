# Sourced by ./cloister: publishes the command to .build/cloister, one builder at a time.
# CLOISTER_RUNTIME=coreclr builds it on CoreCLR, for debuggers of .NET; so does a machine that can't compile to machine code.
publish_command() {
    # The variables are kept out of the environment of the program that runs afterwards.
    rm -rf "$root/.build/cloister.new"
    DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet publish "$root/src/outside/Cloister.Cli/Cloister.Cli.csproj" \
        -c Release -v quiet -nologo -p:UseSharedCompilation=false -nodeReuse:false -o "$root/.build/cloister.new" "$@" \
        > "$root/.build/publish.log" 2>&1 9>&-
}

# The native compiler wants a C compiler for linking. Without one, or without its own package from NuGet, CoreCLR does.
publish_native() {
    local reason
    if ! command -v clang > /dev/null && ! command -v gcc > /dev/null && ! "$root/eng/install-packages.sh" gcc libc6-dev 9>&-; then
        reason="there is no C compiler to link with"
    elif publish_command -p:CloisterNative=true; then
        # One file; what the build leaves beside it is for builds.
        find "$root/.build/cloister.new" -mindepth 1 ! -name cloister -delete
        return 0
    elif grep -qE ': error NU[0-9]+:' "$root/.build/publish.log"; then
        reason="its package can't be restored"
    else
        return 1
    fi
    echo "cloister: the native compiler can't be used, since $reason: building on CoreCLR, which starts more slowly." >&2
    publish_command
}

mkdir -p "$root/.build"
exec 9> "$root/.build/cloister.lock"
flock 9
# Another process may have built it while this one waited.
if ! is_current; then
    if ! command -v dotnet > /dev/null; then
        echo "cloister: the .NET 10 SDK is needed to build Cloister: install it from https://dotnet.microsoft.com/download." >&2
        return 125
    fi
    echo "cloister: building (needed once after each change of the sources)..." >&2
    touch "$root/.build/cloister.began"
    if [[ ${CLOISTER_RUNTIME:-native} == coreclr ]]; then publish_command; else publish_native; fi || {
        grep -E ': (error|warning) ' "$root/.build/publish.log" | sort -u | head -n 20 >&2
        echo "cloister: the build failed; all of its output is in $root/.build/publish.log." >&2
        return 125
    }
    # Swapped, not overwritten: an enclave that runs now has the old files mapped.
    rm -rf "$root/.build/cloister"
    mv "$root/.build/cloister.new" "$root/.build/cloister"
    mv -f "$root/.build/cloister.began" "$stamp"
fi
exec 9>&-
return 0
