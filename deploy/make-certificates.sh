#!/usr/bin/env bash
# Founds a site authority in ./pki by `penstock pki` and lays out ./certs and ./secrets for the trial of compose.yaml.
# Usage: ./make-certificates.sh [site] [agent]. PENSTOCK names the command when it is not beside this folder.
set -euo pipefail
site=${1:-east-water}
agent=${2:-edge-1}
cd "$(dirname "$0")"
read -ra penstock <<< "${PENSTOCK:-node ../penstock.js}"
pki() { "${penstock[@]}" pki "$@" > /dev/null; }
[ -e pki ] && { echo "pki/ exists already; move pki/ and certs/ away to start anew" >&2; exit 1; }

pki init --permit mosquitto
pki issue broker --host mosquitto,localhost,127.0.0.1
pki issue collector --name collector
pki issue agent --site "$site" --name "$agent"

# The containers run as uid 1000 (node) and 1883 (mosquitto); trial keys are readable to them. pki/ stays closed.
mkdir -p certs secrets
lay() { install -m 644 "pki/$1" "certs/$2"; }
lay ca.crt ca.crt
lay crl.pem crl.pem
lay mosquitto.acl acl
lay issued/broker-mosquitto.crt broker.crt
lay issued/broker-mosquitto.key broker.key
lay issued/collector-collector.crt collector.crt
lay issued/collector-collector.key collector.key
lay "issued/agent-$site.$agent.crt" agent.crt
lay "issued/agent-$site.$agent.key" agent.key
[ -s secrets/influx-password ] || openssl rand -hex 24 > secrets/influx-password
chmod 644 secrets/influx-password
echo "certs/ and secrets/ are ready for site $site and agent $agent; the authority is in pki/"
