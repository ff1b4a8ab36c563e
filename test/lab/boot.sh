#!/bin/sh
# Boots user-mode Linux, whose file system is this machine's, as a process. For a throw-away mount namespace, as its root.
# usage: boot.sh KERNEL_ROOT INIT
set -eu
root=$1
init=$2
# The host as the kernel will see it comes first: what is mounted here afterwards is not part of it.
mount --rbind / "$root/host"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
# The kernel's memory is a file here, as large as what the kernel has touched.
mount -t tmpfs -o size=2200m tmpfs "$root/dev/shm"
mount -t tmpfs tmpfs "$root/tmp"
console=$root/tmp/console
mkfifo "$console"
# Without HOME no program starts in the kernel ("start_userspace: expected SIGSTOP").
env -i PATH=/usr/bin:/usr/sbin HOME=/root chroot "$root" /usr/bin/linux.uml \
  mem=2G root=/dev/root rootfstype=hostfs hostfs=/host rw "init=$init" \
  con=null con0=null,fd:1 uml_dir=/tmp/uml quiet </dev/null >"$console" 2>&1 &
kernel=$!
while IFS= read -r line; do
  printf '%s\n' "$line"
  # It would stay as it is forever.
  case $line in *'Kernel panic'*) (sleep 1; kill -KILL "$kernel") >/dev/null 2>&1 & esac
done <"$console"
