#!/bin/sh
# Builds an ephemeral NixOS-like host and runs its sshd. Runs as the first process of private mount and process namespaces:
# when it ends, for whatever reason, the kernel ends every process of the host, drops its mounts and frees its loop device.
#   $1  root kind: btrfs or tmpfs
#   $2  work folder: img, stage/{live,old,persist,nix}, mounts (lines: path below storage, TAB, path on the host), sshd_config
#   $3  name of the older root below @snapshots/old_roots, e.g. 2026-11-21_09-30-00
# The host lives until standard input is closed.
set -eu
kind=$1 work=$2 old=$3
top=$work/top root=$work/root
mkdir -p "$top" "$root"

# Makes the mount points of persisted paths below $1 and runs the rest of the arguments with what is stored and the mount point.
bind_persisted() {
  below=$1
  shift
  while IFS="$(printf '\t')" read -r stored live; do
    mkdir -p "$below${live%/*}"
    if [ -d "$work/stage/persist/$stored" ]; then mkdir -p "$below$live"; else : >"$below$live"; fi
    "$@" "$root/persist/$stored" "$below$live"
  done <"$work/mounts"
}

# The disk: subvolumes as the initrd of such a host finds and leaves them.
truncate -s 1G "$work/img"
mkfs.btrfs -q "$work/img"
mount -o loop,noatime "$work/img" "$top"
for name in @root @nix @persist @snapshots; do btrfs -q subvolume create "$top/$name"; done
mkdir "$top/@snapshots/old_roots"
cp -a "$work/stage/nix/." "$top/@nix/"
cp -a "$work/stage/persist/." "$top/@persist/"
disk=$(findmnt -nro SOURCE "$top")
if [ "$kind" = btrfs ]; then
  cp -a "$work/stage/old/." "$top/@root/"
  # Seen from the disk, mount points are empty folders and files.
  (cd "$top/@root" && mkdir -p nix persist .snapshots usr bin lib lib64 proc sys dev run tmp)
  bind_persisted "$top/@root" :
  btrfs -q subvolume snapshot -r "$top/@root" "$top/@snapshots/old_roots/$old"
  btrfs -q subvolume delete "$top/@root"
  btrfs -q subvolume create "$top/@root"
  mount -o noatime,subvol=@root "$disk" "$root"
else
  mount -t tmpfs -o mode=0755,size=512m none "$root"
fi
cp -a "$work/stage/live/." "$root/"

# File systems a booted machine has. The tools come from this machine, read-only.
cd "$root"
mkdir -p nix persist .snapshots usr bin lib lib64 proc sys dev run tmp .old
chmod 1777 tmp
mount -o noatime,subvol=@nix "$disk" nix
mount -o noatime,subvol=@persist "$disk" persist
if [ "$kind" = btrfs ]; then mount -o noatime,subvol=@snapshots "$disk" .snapshots; else rmdir .snapshots; fi
for name in usr bin lib lib64; do
  mount --rbind "/$name" "$name"
  mount -o remount,bind,ro "$name"
done
mount -t tmpfs -o mode=0755 tmpfs dev
for node in "null 3" "zero 5" "full 7" "random 8" "urandom 9"; do
  mknod -m 0666 "dev/${node% *}" c 1 "${node#* }"
done
mknod -m 0666 dev/tty c 5 0
ln -s /proc/self/fd dev/fd
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,gid=3,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=0755 tmpfs run
mkdir -p run/sshd run/wrappers/bin run/user/1000
ln -s "$(readlink "$root/etc/.system")" run/current-system
ln -s "$(readlink "$root/etc/.system")" run/booted-system
rm "$root/etc/.system"
ln -s /usr/bin/sudo run/wrappers/bin/sudo
# Debian's awk is a link by way of its /etc.
ln -s "$(readlink -f /usr/bin/awk)" run/wrappers/bin/awk
mkdir run/busybox
busybox --install -s run/busybox

# What persistence keeps: directories and single files, bound from storage.
bind_persisted "$root" mount --bind

cp "$work/sshd_config" run/sshd/config
umount -l "$top"
pivot_root . .old
cd /
mount -t proc proc /proc
umount -l /.old
rmdir /.old
hostname "$(cat /etc/hostname)"
exec 3<&0
# The log goes to standard error of this script, which the test keeps.
/usr/sbin/sshd -D -e -f /run/sshd/config </dev/null &
echo ready
cat <&3 >/dev/null
