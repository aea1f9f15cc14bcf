#!/usr/bin/env bash
# Builds the program with its Swift libraries inside, and packs it: dist/*.tar.gz and dist/*.deb.
#   Packaging/package.sh [PROGRAM]      PROGRAM = one that is built already
set -euo pipefail
cd "$(dirname "$0")/.."

program=${1:-}
if [[ -z $program ]]; then
    swift build -c release --product peer-agent
    program=.build/release/peer-agent
fi
version=$("$program" --version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture 2>/dev/null || uname -m)
name=peer-agent-$version-linux-$(uname -m)
# The same sources give the same bytes.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 0755 "$stage"
mkdir -p dist

pack() {
    tar --create --sort=name --owner=0 --group=0 --numeric-owner --format=gnu \
        --mtime="@$SOURCE_DATE_EPOCH" --directory "$stage" "$1" | gzip --no-name -9
}

# The archive: unpack it anywhere.
install -D -m 0755 "$program" "$stage/$name/bin/peer-agent"
strip --strip-unneeded "$stage/$name/bin/peer-agent"
install -m 0644 README.md LICENSE CHANGELOG.md "$stage/$name/"
install -D -m 0644 Packaging/peer-agent.1 "$stage/$name/share/man/man1/peer-agent.1"
install -D -m 0644 Packaging/peer-agent.service "$stage/$name/share/peer-agent.service"
install -D -m 0644 Examples/echo_bot.py "$stage/$name/share/examples/echo_bot.py"
pack "$name" >"dist/$name.tar.gz"

# The Debian package.
if command -v dpkg-deb >/dev/null; then
    root=$stage/deb
    install -D -m 0755 "$stage/$name/bin/peer-agent" "$root/usr/bin/peer-agent"
    install -D -m 0644 Packaging/peer-agent.service \
        "$root/usr/lib/systemd/system/peer-agent.service"
    install -D -m 0644 Packaging/default "$root/etc/default/peer-agent"
    doc=$root/usr/share/doc/peer-agent
    install -D -m 0644 LICENSE "$doc/copyright"
    install -m 0644 README.md CHANGELOG.md "$doc/"
    install -D -m 0644 Examples/echo_bot.py "$doc/examples/echo_bot.py"
    mkdir -p "$root/usr/share/man/man1"
    gzip --no-name -9 <Packaging/peer-agent.1 >"$root/usr/share/man/man1/peer-agent.1.gz"
    mkdir -p "$root/DEBIAN"
    # What the program is linked with, by the packages that hold it.
    depends=$(ldd "$root/usr/bin/peer-agent" | awk '$3 ~ /^\// { print $3 }' | sort -u |
        while read -r file; do
            real=$(realpath "$file")
            # Packages may name it as it was before /lib became a link to /usr/lib.
            dpkg-query --search "$real" 2>/dev/null ||
                dpkg-query --search "${real#/usr}" 2>/dev/null || true
        done | cut -d: -f1 | sort -u | paste -sd, | sed 's/,/, /g')
    size=$(du -sk "$root" | cut -f1)
    cat >"$root/DEBIAN/control" <<CONTROL
Package: peer-agent
Version: $version
Architecture: $architecture
Maintainer: peer-agent contributors <peer-agent@localhost>
Installed-Size: $size
Depends: ${depends:-libc6}, adduser
Section: net
Priority: optional
Description: peer-to-peer chat node for people and AI agents
 One signed, encrypted log that peers share without a server, and the Model
 Context Protocol for the agents that take part in it.
CONTROL
    echo /etc/default/peer-agent >"$root/DEBIAN/conffiles"
    install -m 0755 Packaging/postinst Packaging/prerm Packaging/postrm "$root/DEBIAN/"
    dpkg-deb --root-owner-group --build "$root" \
        "dist/peer-agent_${version}_$architecture.deb" >/dev/null
fi
(cd dist && sha256sum -- *"$version"* | grep -v SHA256SUMS >SHA256SUMS)
ls -l dist
