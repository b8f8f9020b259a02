# Sourced by ./cloister: publishes the command to .build/cloister, one builder at a time.
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
    rm -rf "$root/.build/cloister.new"
    # The variables are kept out of the environment of the program that runs afterwards.
    if ! DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet publish "$root/src/outside/Cloister.Cli/Cloister.Cli.csproj" \
        -c Release -v quiet -nologo -p:UseSharedCompilation=false -nodeReuse:false -o "$root/.build/cloister.new" \
        > "$root/.build/publish.log" 2>&1 9>&-; then
        grep -E ': (error|warning) ' "$root/.build/publish.log" | sort -u | head -n 20 >&2
        echo "cloister: the build failed; all of its output is in $root/.build/publish.log." >&2
        return 125
    fi
    # Swapped, not overwritten: an enclave that runs now has the old files mapped.
    rm -rf "$root/.build/cloister"
    mv "$root/.build/cloister.new" "$root/.build/cloister"
    mv -f "$root/.build/cloister.began" "$stamp"
fi
exec 9>&-
return 0
