# What a shell does by fork: pipelines, subshells, command substitution, children in the background.
ls / | wc -l
i=0
while [ $i -lt 10 ]; do
    x=$(echo $i | sed s/1/one/)
    i=$((i + 1))
    echo "$x"
done
seq 1 1000 | awk '{ s += $1 } END { print s }' | (read -r sum; echo "sum $sum")
for name in a b c; do
    (echo "$name"; exit 3)
    echo $?
done
variable=outside
(variable=inside; echo "$variable"; (variable=deeper; echo "$variable"); echo "$variable")
echo "$variable"
cat <<TEXT | tr a-z A-Z
here is $variable
TEXT
true & one=$!
(exit 4) & two=$!
wait $one
echo $?
wait $two
echo $?
sh -c 'kill -TERM $$'
echo $?
find /etc/apt -type f | sort | xargs -n 2 basename -a | sed -n 1,3p
echo "$(echo "$(echo nested)")"
trap 'echo "child ended"; trap - CHLD' CHLD
/bin/true
tar cf - -C /etc apt | gzip -c | gzip -dc | tar tf - | sort | tail -n 1
