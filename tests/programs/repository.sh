# git with all that it starts, in a folder of its own.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder" GIT_AUTHOR_DATE=2020-01-01T00:00:00Z GIT_COMMITTER_DATE=2020-01-01T00:00:00Z
git config --global user.email somebody@example.org
git config --global user.name Somebody
git config --global init.defaultBranch main
git config --global advice.detachedHead false
git init -q first
cd first
for i in 1 2 3; do
    seq $((i * 100)) > file$i
    git add file$i
    git commit -q -m "commit $i"
done
git log --oneline | cat
cd ..
git clone -q first second 2>&1
cd second
git gc -q
git fsck --no-progress
echo changed > file1
git diff --stat | cat
git stash -q
git status --short
git stash pop -q
git status --short
git worktree add -q ../third 2>&1
git -C ../third log --format=%s -n 1 | cat
