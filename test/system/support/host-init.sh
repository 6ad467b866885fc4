#!/bin/sh
# Builds an ephemeral NixOS-like host and runs its sshd. Runs as the first process of private mount and process namespaces:
# when it ends, for whatever reason, the kernel ends every process of the host, drops its mounts and frees its loop device.
#   $1  root kind: btrfs or tmpfs
#   $2  work folder: img, stage/{live,old,persist,nix}, mounts (lines: path below storage, TAB, path on the host), sshd_config
#   $3  name of the older root, e.g. 2026-11-21_09-30-00
#   $4  what is kept of older roots: snapshots (a read-only snapshot below @snapshots/old_roots), moved (the old root itself, below old_roots
#       of the top-level subvolume, which is mounted at /btrfs_tmp), unmounted (the same, and not mounted), blank (an empty snapshot, @blank)
#   $5  tmpfs for a /home of its own, in memory; else empty
# The host lives until standard input is closed.
set -eu
kind=$1 work=$2 old=$3 keeps=$4 home=$5
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
  case $keeps in
  snapshots)
    btrfs -q subvolume snapshot -r "$top/@root" "$top/@snapshots/old_roots/$old"
    btrfs -q subvolume delete "$top/@root"
    ;;
  moved | unmounted)
    # As in impermanence's README: by the time of the root's last change, days without a zero. The last run broke off.
    mkdir -p "$top/old_roots/2026-11-30_10:00:00" "$top/old_roots/2026-11-9_23:00:00/etc"
    mv "$top/@root" "$top/old_roots/$old"
    ;;
  blank)
    btrfs -q subvolume delete "$top/@root"
    btrfs -q subvolume create "$top/@root"
    mkdir -p "$top/@root/etc"
    echo "made anew by the rollback" >"$top/@root/etc/blank"
    btrfs -q subvolume snapshot -r "$top/@root" "$top/@blank"
    btrfs -q subvolume delete "$top/@root"
    btrfs -q subvolume snapshot "$top/@blank" "$top/@root"
    ;;
  esac
  if [ ! -d "$top/@root" ]; then btrfs -q subvolume create "$top/@root"; fi
  mount -o noatime,subvol=@root "$disk" "$root"
else
  mount -t tmpfs -o mode=0755,size=512m none "$root"
fi
if [ "$home" = tmpfs ]; then
  mkdir -p "$root/home"
  mount -t tmpfs -o mode=0755,size=64m none "$root/home"
fi
cp -a "$work/stage/live/." "$root/"

# File systems a booted machine has. The tools come from this machine, read-only.
cd "$root"
mkdir -p nix persist .snapshots usr bin lib lib64 proc sys dev run tmp .old
chmod 1777 tmp
mount -o noatime,subvol=@nix "$disk" nix
mount -o noatime,subvol=@persist "$disk" persist
if [ "$kind" = btrfs ]; then mount -o noatime,subvol=@snapshots "$disk" .snapshots; else rmdir .snapshots; fi
if [ "$kind" = btrfs ] && { [ "$keeps" = moved ] || [ "$keeps" = blank ]; }; then
  mkdir btrfs_tmp
  mount -o noatime,ro,subvol=/ "$disk" btrfs_tmp
fi
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
# Debian's own link leads through /etc, which is another one here.
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
