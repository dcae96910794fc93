#!/usr/bin/env bash
# Makes a site CA and certificates for broker, collector and one agent into ./certs, for a trial installation.
# Usage: ./make-certificates.sh [site] [agent]
set -euo pipefail
site=${1:-east-water}
agent=${2:-edge-1}
cd "$(dirname "$0")"
mkdir -p certs secrets
umask 077
cd certs
[ -e ca.crt ] && { echo "certs/ca.crt exists already; move certs/ away to start anew" >&2; exit 1; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Penstock site CA" \
  -keyout ca.key -out ca.crt 2>/dev/null

# issue <file> <common name> <extended key usage> <subject alternative names or empty>
issue() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  { echo "extendedKeyUsage=$3"; if [ -n "$4" ]; then echo "subjectAltName=$4"; fi; } > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.csr" "$1.ext"
}
issue broker mosquitto serverAuth "DNS:mosquitto,DNS:localhost,IP:127.0.0.1"
issue collector collector clientAuth ""
issue agent "$site\\/$agent" clientAuth ""
# The containers run as uid 1000 (node) and 1883 (mosquitto); trial keys are readable to them.
chmod 644 ./*.crt ./*.key
chmod 600 ca.key

cd ..
[ -s secrets/influx-password ] || openssl rand -hex 24 > secrets/influx-password
chmod 644 secrets/influx-password
echo "certs/ and secrets/ are ready for site $site and agent $agent"
