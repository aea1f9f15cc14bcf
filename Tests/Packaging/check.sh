#!/usr/bin/env bash
# Checks what an operator installs: the unit file by systemd itself, the packages by content, and
# both on a throwaway machine.
#   Tests/Packaging/check.sh PROGRAM
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "packaging: $*" >&2; exit 1; }

# The unit file, with the program where the unit looks for it.
if command -v systemd-analyze >/dev/null; then
    mkdir -p "$work/root/usr/bin" "$work/root/usr/lib/systemd/system" "$work/root/etc"
    install -m 0755 "$program" "$work/root/usr/bin/peer-agent"
    install -m 0644 Packaging/peer-agent.service "$work/root/usr/lib/systemd/system/"
    for other in network-online.target sysinit.target basic.target multi-user.target \
        shutdown.target; do
        printf '[Unit]\nDescription=%s\n' "$other" >"$work/root/usr/lib/systemd/system/$other"
    done
    said=$(systemd-analyze verify --root="$work/root" --man=no peer-agent.service 2>&1) ||
        fail "systemd-analyze: $said"
    if grep -E 'peer-agent\.service:' <<<"$said"; then fail "the unit file has warnings"; fi
    echo "unit file: fine"
else
    echo "unit file: not checked, systemd-analyze is not here"
fi

# What tests alter a node by is in debug builds alone (S-330).
if grep -q PEER_TEST_WRONG_ROWS "$program"; then fail "the program has a test's hook"; fi

# Every command that the unit runs is one that the program has.
while read -r command; do
    "$program" help "$command" >/dev/null || fail "the unit runs '$command', which is unknown"
done < <(sed -nE 's|^Exec[A-Za-z]*=/usr/bin/peer-agent ([a-z-]+).*|\1|p' Packaging/peer-agent.service)

# The archive and the Debian package, built in a copy so that dist stays as it is.
mkdir "$work/tree"
cp -r Packaging Examples README.md LICENSE CHANGELOG.md "$work/tree"
(cd "$work/tree" && SOURCE_DATE_EPOCH=0 Packaging/package.sh "$program" >/dev/null)
archive=$(echo "$work"/tree/dist/*.tar.gz)
listed=$(tar --list --file "$archive" | sed 's|^[^/]*/||')
for file in bin/peer-agent README.md LICENSE share/man/man1/peer-agent.1; do
    grep -qx "$file" <<<"$listed" || fail "the archive lacks $file"
done
(cd "$work/tree/dist" && sha256sum --check --quiet SHA256SUMS) || fail "SHA256SUMS is wrong"
echo "archive: $(wc -l <<<"$listed") entries"

if ! command -v dpkg-deb >/dev/null; then
    echo "Debian package: not checked, dpkg-deb is not here"
    exit 0
fi
package=$(echo "$work"/tree/dist/*.deb)
dpkg-deb --info "$package" >"$work/info"
dpkg-deb --contents "$package" >"$work/contents"
for field in 'Package: peer-agent' 'Depends: ' 'Version: '; do
    grep -q "$field" "$work/info" || fail "the package says no '$field'"
done
for file in ./usr/bin/peer-agent ./usr/lib/systemd/system/peer-agent.service \
    ./etc/default/peer-agent ./usr/share/man/man1/peer-agent.1.gz \
    ./usr/share/doc/peer-agent/copyright; do
    grep -q " $file\$" "$work/contents" || fail "the package lacks $file"
done
if awk '$2 != "root/root"' "$work/contents" | grep .; then fail "files that root does not own"; fi
if awk '$1 ~ /^-.......w/ || $1 ~ /^-....w/' "$work/contents" | grep .; then
    fail "files that others may write"
fi
dpkg-deb --extract "$package" "$work/installed"
version=$("$work/installed/usr/bin/peer-agent" --version)
[[ $version == "$("$program" --version)" ]] || fail "the packed program says $version"
for script in postinst prerm postrm; do
    dpkg-deb --ctrl-tarfile "$package" | tar --extract --to-stdout "./$script" | bash -n ||
        fail "$script does not parse"
done
echo "Debian package: $(wc -l <"$work/contents") entries, $version"
python3 Tests/Packaging/install.py "$package"
