#!/bin/sh
# Builds the CNI shim, a static program of a few KiB.
# usage: build.sh OUT [musl|nolibc]
# Takes musl-gcc, else gcc without any libc, unless told which. Prints the variant built.
# Exits 3 when there is no compiler for it (then the JavaScript twin, src/shim/main.ts, must serve), 1 when compiling fails.
set -eu
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo 'usage: build.sh OUT [musl|nolibc]' >&2
  exit 2
fi
out=$1
here=$(dirname "$0")
warnings='-std=gnu99 -Wall -Wextra -Werror'

has() { command -v "$1" >/dev/null 2>&1; }

# Written beside and renamed: a runtime may be running the old one.
finish() {
  chmod 0755 "$out.$$"
  mv -f "$out.$$" "$out"
  echo "$1"
}
trap 'rm -f "$out.$$"' EXIT

build_musl() {
  has musl-gcc || return 3
  musl-gcc $warnings -static -Os -s -o "$out.$$" "$here/shim.c" || exit 1
  finish musl
}

build_nolibc() {
  has gcc || return 3
  case $(gcc -dumpmachine) in x86_64-*linux* | aarch64-*linux*) ;; *) return 3 ;; esac
  # The compiler must not turn our memcpy's loop into a call of memcpy.
  gcc $warnings -DSHIM_NOLIBC -ffreestanding -fno-tree-loop-distribute-patterns -fno-stack-protector -fno-pie -no-pie \
    -fno-asynchronous-unwind-tables -nostdlib -static -Os -s -o "$out.$$" "$here/shim.c" || exit 1
  finish nolibc
}

case ${2:-any} in
  musl) build_musl || exit 3 ;;
  nolibc) build_nolibc || exit 3 ;;
  any) build_musl || build_nolibc || exit 3 ;;
  *) echo "build.sh: variant is \"$2\", expected musl or nolibc" >&2; exit 2 ;;
esac
