#!/bin/sh
# Writes .env with secrets of its own for docker-compose.temporal.yml. Never over an existing one: without its
# HOLDFAST_KEYS every stored token is lost. One of an earlier version gets what it lacks, and stays as it is otherwise.
set -eu
cd "$(dirname "$0")/.."
file=${1:-.env}
umask 077

# Made before the file is, so that a failure leaves none behind.
api_key=$(openssl rand -hex 32)
sealing_key=$(openssl rand -base64 32)
holdfast_password=$(openssl rand -hex 24)
temporal_password=$(openssl rand -hex 24)
run_password=$(openssl rand -hex 24)

if [ -s "$file" ] && ! grep -q '^HOLDFAST_POSTGRES_RUN_PASSWORD=' "$file"; then
  printf '\n# Of the role that gateway and worker run as.\nHOLDFAST_POSTGRES_RUN_PASSWORD=%s\n' "$run_password" >>"$file"
  echo "$file: added HOLDFAST_POSTGRES_RUN_PASSWORD"
  exit
fi

set -C # no overwriting
cat >"$file" <<END
# What applications show as their bearer token; comma-separated, so that it can be changed without a gap.
HOLDFAST_API_KEYS=$api_key
# Seals tokens and secrets in Postgres. KEEP A COPY elsewhere: what it sealed can't be opened without it.
HOLDFAST_KEYS=k1:$sealing_key
# How browsers and providers reach the gateway; https beyond this machine.
HOLDFAST_PUBLIC_URL=http://localhost:3000
# Of the role that gateway and worker run as; the first migration makes it.
HOLDFAST_POSTGRES_RUN_PASSWORD=$run_password
# Of the owner, who migrates. Postgres takes these over at its first start only.
HOLDFAST_POSTGRES_PASSWORD=$holdfast_password
TEMPORAL_POSTGRES_PASSWORD=$temporal_password
END
