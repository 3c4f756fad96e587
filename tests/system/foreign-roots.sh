# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh has them
#
# What comes from other systems than this one: roots, and a package's sources. Sourced by tests, after lib.sh; what
# takes long to make is kept in the build directory.

roots_cache=$(dirname "$RESULTS_DIRECTORY")/roots
archive=http://deb.debian.org/debian

# debian_root DIRECTORY: a small Debian of another release, with dpkg. 1 if it cannot be had here.
debian_root() {
    # The name says what it is: a tar.
    local kept=$roots_cache/trixie.tar new=$roots_cache/trixie.new.tar
    mkdir -p "$roots_cache" 2>/dev/null
    if [ ! -e "$kept" ]; then
        command -v mmdebstrap >/dev/null || return 1
        (
            flock 9
            [ -e "$kept" ] || {
                timeout 900 mmdebstrap --quiet --variant=extract --include="$(printf %s, \
                    base-files base-passwd dash coreutils libc-bin dpkg tar grep sed)findutils" \
                    --dpkgopt='path-exclude=/usr/share/doc/*' \
                    --dpkgopt='path-exclude=/usr/share/locale/*' \
                    --dpkgopt='path-exclude=/usr/share/man/*' \
                    trixie "$new" "$archive" >&2 && mv "$new" "$kept"
            }
        ) 9>"$roots_cache/lock" || return 1
    fi
    mkdir -p "$1"
    tar -C "$1" --exclude='./dev/*' -xf "$kept" || return 1
    # What the maintainers' scripts, which did not run, would have made.
    mkdir -p "$1"/{proc,sys,dev,run,tmp,var/tmp,root} "$1"/var/lib/dpkg/{info,updates,triggers}
    ln -sf dash "$1/usr/bin/sh"
    touch "$1"/var/lib/dpkg/{status,available}
    [ -e "$1/etc/passwd" ] || cp "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd"
    [ -e "$1/etc/group" ] || cp "$1/usr/share/base-passwd/group.master" "$1/etc/group"
}

# musl_root DIRECTORY: another libc, no /etc/passwd, none of the usual mount points, and /bin, /lib
# as absolute links.
musl_root() {
    local loader
    loader=$(echo /lib/ld-musl-*.so.1)
    [ -e "$loader" ] && [ -x /bin/busybox ] && command -v musl-gcc >/dev/null || return 1
    mkdir -p "$1/usr/bin" "$1/usr/lib"
    ln -s /usr/bin "$1/bin"
    ln -s /usr/lib "$1/lib"
    cp -L "$loader" "$1/usr/lib/"
    cp /bin/busybox "$1/usr/bin/busybox"
    for tool in sh ls cat id mount mkdir touch rm ps env; do
        ln -s busybox "$1/usr/bin/$tool"
    done
    cat >"$work/libc.c" <<'END'
#include <stdio.h>
int main(int count, char **arguments)
{
#ifdef __GLIBC__
    puts("glibc");
#else
    printf("musl %s\n", count > 1 ? arguments[1] : "");
#endif
    return 5;
}
END
    musl-gcc -o "$1/usr/bin/which-libc" "$work/libc.c"
}

# package_sources DIRECTORY: GNU hello, configured and built, in a directory that is there. 1 if it cannot be had here.
package_sources() {
    local kept=$roots_cache/hello-built.tar
    [ -e "$kept" ] || make_package_sources "$kept" || return 1
    tar -C "$1" --no-same-owner -xf "$kept"
}

# make_package_sources FILE
make_package_sources() {
    local made=$roots_cache/hello.new
    rm -rf "$made"
    mkdir -p "$made" 2>/dev/null &&
        curl -fsS -m 120 -o "$made.tar.gz" "$archive/pool/main/h/hello/hello_2.10.orig.tar.gz" &&
        sha256sum -c --status <<<"31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b  $made.tar.gz" &&
        tar -C "$made" --no-same-owner --strip-components 1 -xf "$made.tar.gz" &&
        (cd "$made" && ./configure -q --disable-nls CFLAGS=-O0 && make -s check) && tar -C "$made" -cf "$made.tar" . && mv "$made.tar" "$1" &&
        rm -rf "$made" "$made.tar.gz"
}
