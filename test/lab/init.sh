#!/bin/sh
# First process of the second kernel: mounts what a Linux needs, runs a command and powers off.
# usage: init.sh KERNEL_ROOT CHECKOUT COMMAND...
set -eu
root=$1
checkout=$2
shift 2

power_off() {
  echo o >/proc/sysrq-trigger
  # Powering off takes a moment, and a kernel whose first process ends panics.
  while :; do sleep 1; done
}
trap power_off EXIT

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
# For an ordinary user the host's root is nobody, and programs that are to run as their owner, such as mount, would be too.
cp "$(command -v mount)" /dev/mount
/dev/mount -o remount,nosuid /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir /dev/shm /dev/net
mount -t tmpfs tmpfs /dev/shm
mknod /dev/net/tun c 10 200
# Not over /tmp: the checkout may be there.
export TMPDIR=/dev/shm

# The kernel loads its modules by itself, with a program of its own release.
mount -t proc proc "$root/proc"
printf '#!/bin/sh\nexec chroot "%s" /sbin/modprobe "$@"\n' "$root" >/dev/shm/modprobe
chmod 755 /dev/shm/modprobe
echo /dev/shm/modprobe >/proc/sys/kernel/modprobe

# Forks of processes that use it make user-mode Linux panic; Node does wherever it may.
echo 2 >/proc/sys/kernel/io_uring_disabled

cd "$checkout"
"$@"
