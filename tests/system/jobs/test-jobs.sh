#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What people do all day, typed as they type it where their work is: each runs, and leaves there what it makes.
# drivers: embed embed-user lxc
# seconds: 1800

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
# shellcheck source=tests/system/jobs.sh
. "$TEST_DIRECTORY/jobs.sh"
# shellcheck source=tests/system/foreign-roots.sh
. "$TEST_DIRECTORY/foreign-roots.sh"

# --- git --------------------------------------------------------------------------------------

if job_needs git "git clone and commit" both; then
    (
        cd "$projects" && git init -q git/origin && cd git/origin && echo one >file && git add file &&
            git -c user.name=host -c user.email=host@example.org commit -q -m first &&
            git -c safe.directory='*' clone -q --bare . ../origin.git && rm -rf .git
    ) >"$work/git.log" 2>&1 || flunk "a repository is made" "$(cat "$work/git.log")"
    job git sh -c 'git clone -q origin.git copy && cd copy && echo two >>file &&
        git -c user.name=me -c user.email=me@example.org commit -q -a -m second && git push -q && git log --format=%s'
    check_status "git clones and commits" 0
    check_stdout "and shows it" $'second\nfirst'
    check_stderr "without a message" ""
    check_equal "what was pushed is on the host" second \
        "$(git -c safe.directory='*' -C "$projects/git/origin.git" log -1 --format=%s 2>&1)"
fi

# --- go ---------------------------------------------------------------------------------------

if job_needs go "go build" user; then
    # Without a package of Go's own, each of which an emulated processor looks through.
    printf 'package main\n\nfunc main() { println("hello from go", 6*7) }\n' >go/main.go
    printf 'module example.org/hello\n\ngo 1.19\n' >go/go.mod
    job go go build
    check_status "go build" 0
    check_equal "makes a program" "hello from go 42" "$(go/hello 2>&1)"
fi

# --- cargo ------------------------------------------------------------------------------------

if job_needs cargo "cargo build" root; then
    mkdir -p cargo/src cargo/answer/src
    printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n' hello >cargo/Cargo.toml
    printf '\n[dependencies]\nanswer = { path = "answer" }\n' >>cargo/Cargo.toml
    printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n' answer >cargo/answer/Cargo.toml
    echo 'pub fn answer() -> i32 { 42 }' >cargo/answer/src/lib.rs
    echo 'fn main() { println!("hello from rust {}", answer::answer()); }' >cargo/src/main.rs
    job cargo cargo build
    check_status "cargo build" 0
    check_equal "makes a program" "hello from rust 42" "$(cargo/target/debug/hello 2>&1)"
fi

# --- npm --------------------------------------------------------------------------------------

if job_needs npm "npm install" root; then
    mkdir -p npm/answer
    echo '{ "name": "answer", "version": "1.0.0" }' >npm/answer/package.json
    echo 'module.exports = 42' >npm/answer/index.js
    echo '{ "name": "hello", "version": "1.0.0", "private": true, "dependencies": { "answer": "file:answer" } }' \
        >npm/package.json
    job npm npm install
    check_status "npm install" 0
    check_stdout_matches "tells what it added" '^added 1 package'
    check "and leaves it where it belongs" test -f npm/node_modules/answer/index.js
fi

# --- python -----------------------------------------------------------------------------------

if job_needs python3 "python3 -m venv and pip" root; then
    /usr/bin/python3 - python3/answer-1.0-py3-none-any.whl <<'END'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("answer.py", "value = 42\n")
    wheel.writestr("answer-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: answer\nVersion: 1.0\n")
    wheel.writestr("answer-1.0.dist-info/WHEEL",
                   "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("answer-1.0.dist-info/RECORD", "answer.py,,\nanswer-1.0.dist-info/METADATA,,\n"
                   "answer-1.0.dist-info/WHEEL,,\nanswer-1.0.dist-info/RECORD,,\n")
END
    # An emulated processor takes minutes for a pip of its own.
    environment='python3 -m venv env && env/bin/pip'
    [ "$kind" = container ] || [ ! -x /usr/bin/pip ] || environment='python3 -m venv --without-pip env && pip --python env'
    job python3 sh -c "$environment install -q --no-index answer-1.0-py3-none-any.whl &&
        env/bin/python -c 'import answer, sys; print(answer.value, sys.prefix)'"
    check_status "python3 -m venv, and pip" 0
    check_stdout "the package is found" "42 $projects/python3/env"
    check "and is in the project" test -f "$(echo python3/env/lib/python3*/site-packages/answer.py)"
fi

# --- make -------------------------------------------------------------------------------------

if job_needs make "make -j2 check" user; then
    if package_sources make; then
        # A container builds all of it; where a processor is emulated there was an edit since the last time.
        if [ "$kind" = container ]; then
            find make -name '*.[oa]' -delete
        else
            touch make/src/hello.c make/lib/xmalloc.c
        fi
        job make make -j2 check
        check_status "make -j2 check of a package with autotools" 0
        check_stdout_matches "all its tests pass" '^# FAIL: *0$'
        check_stdout_matches "and there are some" '^# PASS: *[1-9]'
        check "no clock is behind" sh -c "! grep -iE 'clock skew|in the future' '$stdout' '$stderr'"
        check_equal "the program is in the project" "Hello, world!" "$(make/hello 2>&1)"
    else
        skip "make -j2 check of a package with autotools" "its sources cannot be had: $RESULTS_DIRECTORY/package_sources.log"
    fi
fi

# --- vim --------------------------------------------------------------------------------------

# 100 KB, as a terminal sends what is pasted. The last line break comes from writing the file.
if job_needs vim.tiny "100 KB are pasted into vim" both; then
    seq -f 'line %g of what is pasted into an editor, all at once' 1900 | head -c 100000 >"$work/pasted"
    cd vim.tiny || exit
    TERM=linux on_terminal "100 KB are pasted into vim" 24x80 "$VIRT_SANDBOX" "${connect[@]}" "${at_work[@]}" \
        vim.tiny -u NONE -c 'set paste' text <<STEPS
screen ^~
send i$(sed -z 's/\n/\\r/g' "$work/pasted")\\x1b:wq\\r
end 0
mode original
STEPS
    cd "$projects" || exit
    echo >>"$work/pasted"
    check "and are in the file" cmp "$work/pasted" vim.tiny/text
fi

# --- PostgreSQL -------------------------------------------------------------------------------

for initdb in /usr/lib/postgresql/*/bin/initdb /usr/bin/initdb; do
    [ ! -x "$initdb" ] || break
done
if ! its_turn user; then
    :
elif [ -x "$initdb" ]; then
    # It refuses to be root.
    user=()
    [ "$(id -u)" != 0 ] || user=(-S postgres)
    # shellcheck disable=SC2016
    job postgresql "${user[@]}" sh -c 'PATH=$0:$PATH && initdb -D /tmp/data >/tmp/log &&
        pg_ctl -D /tmp/data -l /tmp/log -o "-k /tmp -c listen_addresses=" -w start >>/tmp/log &&
        psql -h /tmp -d postgres -Atc "select 6 * 7" && pg_ctl -D /tmp/data -w stop >>/tmp/log || cat /tmp/log >&2' \
        "${initdb%/*}"
    check_status "PostgreSQL: initdb and a query" 0
    check_stdout "which is answered" 42
else
    skip "PostgreSQL: initdb and a query" "postgresql is not installed"
fi

done_testing
