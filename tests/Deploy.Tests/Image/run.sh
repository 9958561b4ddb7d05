#!/usr/bin/env bash
# Runs a command in an image's root as a container engine would with a read-only root: mounts and a network of its own (loopback
# only), no rights, and only /data can be written. The process of the command is this one: signals reach it.
#   run.sh ROOT UID COMMAND...        the environment is passed on
set -euo pipefail
exec unshare --mount --net bash -c '
  set -euo pipefail
  root=$1 uid=$2
  shift 2
  ip link set lo up
  mount --bind "$root" "$root"
  mount -o remount,bind,ro "$root"
  mount -t tmpfs -o "mode=0700,uid=$uid,gid=$uid" data "$root/data"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=0755 dev "$root/dev"
  for device in null zero random urandom; do touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"; done
  mount -o remount,ro "$root/dev"
  exec setpriv --no-new-privs /usr/sbin/chroot --userspec="$uid:$uid" --groups= "$root" "$@"
' run "$@"
