# What a shell does by itself: builtins, expansion, redirection, traps; the last command replaces the shell.
set -eu
count=0
while [ "$count" -lt 1000 ]; do
    count=$((count + 1))
done
echo "$count"
folder=${TMPDIR:-/tmp}/script-folder
for name in one two three; do
    case $name in
        t*) echo "$name begins with t" ;;
        *) echo "$name doesn't" ;;
    esac
done
trap 'echo "got USR1"' USR1
kill -USR1 $$
echo "${folder##*/} ${#folder}" > /tmp/script-output
read -r line < /tmp/script-output
echo "$line"
set -- a b c
shift
echo "$# $*"
echo /etc/pass*
unset folder
echo "${folder:-unset}"
exec echo "the end"
