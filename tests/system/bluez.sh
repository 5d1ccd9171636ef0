#!/usr/bin/env bash
# Runs a command here with a real BlueZ behind it, and no radio:
#
#   tests/system/bluez.sh python -m pytest -m bluez tests/system
#
# A small virtual machine holds Debian's kernel with its Bluetooth stack, and bluetoothd; nothing else. Its D-Bus is that
# of the command ($DBUS_SYSTEM_BUS_ADDRESS), so Bleak is the one that users run. Its Bluetooth adapter is a serial line
# that ends in a socket ($EMGMON_BLUEZ_HCI), where the tests plug in the simulated air; lines written to
# $EMGMON_BLUEZ_SHELL are run in the machine ("attach", "detach"). Nothing listens on the network.
#
# Needs Debian's packages below, which it installs when run as root; the kernel is only unpacked. Settings: ACCEL=tcg|kvm
# (kvm only where the processor says it can), CACHE=folder, KEEP=1 prints the machine's console at the end.
set -euo pipefail

packages="qemu-system-x86 busybox-static bluez dbus-daemon socat kmod cpio"
modules="sha512_generic drbg virtio_pci virtio_console hci_uart cmac ecb aes_generic algif_hash algif_skcipher"
cache=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/emgmon-bluez}
work=$(mktemp -d)
machine='' bus=''
trap 'kill $machine $bus 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

install_packages() {
  # shellcheck disable=SC2086
  if ! dpkg -s $packages >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
  fi
}

# What runs first in the machine: modules, a bus that is the host's, bluetoothd, then whatever the shell line says.
write_init() {
  cat >"$1" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module" || echo "no module $module"; done </modules/order
while [ ! -c /dev/hvc1 ]; do sleep .05; done
for port in /sys/class/virtio-ports/*; do
  [ "$(cat "$port/name")" = bus ] && line=/dev/${port##*/}
done
stty raw -echo </dev/hvc1
socat UNIX-LISTEN:/run/bus,fork "$line" &
while [ ! -S /run/bus ]; do sleep .05; done
DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/bus /usr/libexec/bluetooth/bluetoothd -n >/dev/ttyS0 2>&1 &
attach() {
  stty raw -echo </dev/hvc0
  timeout .2 cat /dev/hvc0 >/dev/null # what was left on the way to the one before
  btattach -B /dev/hvc0 -P h4 -S 3000000 >/dev/ttyS0 2>&1 &
  attached=$!
}
detach() {
  kill "$attached"
  wait "$attached"
}
while :; do
  while read -r words; do eval "$words"; done </dev/hvc1
  sleep .2
done
INIT
  chmod +x "$1"
}

build_machine() (
  mkdir -p "$cache" "$work/build"
  cd "$work/build"
  chmod 755 "$work" .
  kernel=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ {print $2; exit}')
  apt-get download -qq "$kernel" 2>/dev/null
  dpkg-deb --fsys-tarfile linux-image-*.deb | tar x --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.*' \
    ./lib/modules/*/kernel/{net,crypto,lib,arch/x86/crypto,drivers/{bluetooth,virtio,char,tty}}/'*'
  release=$(basename lib/modules/*)
  depmod -b . "$release" 2>/dev/null || true
  mkdir -p root/{modules,bin,proc,sys,dev,run,etc,tmp,var/lib/bluetooth,usr/bin,lib64}
  for module in $modules; do
    modprobe -d . -S "$release" --show-depends "$module" | awk '/^insmod/ {print $2}'
  done | awk '!seen[$0]++' | while read -r file; do
    cp "$file" root/modules/
    basename "$file"
  done >root/modules/order
  daemon=/usr/libexec/bluetooth/bluetoothd
  programs="$daemon $(command -v btattach) $(command -v socat)"
  # shellcheck disable=SC2086
  for file in $programs $(ldd $programs | grep -o '/[^ ]*\.so[^ ]*' | sort -u); do cp -L --parents "$file" root/; done
  cp "$(command -v busybox)" root/bin/
  echo 'root:x:0:0:root:/:/bin/sh' >root/etc/passwd
  write_init root/init
  (cd root && find . | cpio -o -H newc --quiet | gzip -1) >"$cache/initrd.part"
  cp boot/vmlinuz-* "$cache/vmlinuz"
  mv "$cache/initrd.part" "$cache/initrd"
)

start_bus() {
  cat >"$work/bus.conf" <<CONF
<busconfig><type>system</type><listen>unix:path=$work/bus</listen><auth>EXTERNAL</auth>
<limit name="auth_timeout">240000</limit><policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>
CONF
  chmod 755 "$work"
  dbus-daemon --config-file="$work/bus.conf" --nofork --nopidfile 2>"$work/bus.log" &
  bus=$!
  while [ ! -S "$work/bus" ]; do sleep .02; done
}

start_machine() {
  local can=tcg
  if grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then can=kvm; fi
  qemu-system-x86_64 -accel "${ACCEL:-$can}" -cpu max -smp 2 -m 256 -nodefaults -no-user-config -display none -no-reboot \
    -serial "file:$work/console" -kernel "$cache/vmlinuz" -initrd "$cache/initrd" \
    -append "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off no_timer_check" \
    -device virtio-serial-pci,max_ports=8 \
    -chardev socket,id=hci,path="$work/hci",server=on,wait=off -device virtconsole,chardev=hci \
    -chardev socket,id=shell,path="$work/shell",server=on,wait=off -device virtconsole,chardev=shell \
    -chardev socket,id=bus,path="$work/bus",reconnect=1 -device virtserialport,chardev=bus,name=bus </dev/null &
  machine=$!
}

answers() {
  dbus-send --bus="unix:path=$work/bus" --print-reply --dest=org.bluez / org.freedesktop.DBus.Peer.Ping >/dev/null 2>&1
}

install_packages
[ -s "$cache/initrd" ] || build_machine
start_bus
start_machine
for _ in $(seq 900); do
  kill -0 "$machine"
  if answers; then break; fi
  sleep .1
done
answers || { echo "bluetoothd did not answer within 90 s:" >&2; cat "$work/console" >&2; exit 1; }

export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$work/bus EMGMON_BLUEZ_HCI=$work/hci EMGMON_BLUEZ_SHELL=$work/shell
code=0
"$@" || code=$?
[ -z "${KEEP-}" ] || cat "$work/console" >&2
exit "$code"
