#!/bin/sh
# Writes what docker-compose.temporal.yml wants: its secrets, each a file in deploy/secrets, and .env. Never over a file that
# is there: without its holdfast_keys every stored token is lost. Safe to run again: it makes what is missing. Secrets of an
# .env of an earlier version move into files.
set -eu
cd "$(dirname "$0")/.."
env=${1:-.env}
secrets=${2:-deploy/secrets}
umask 077

# What .env of an earlier version has under that name.
earlier() {
  if [ -f "$env" ]; then sed -n "s/^$1=//p" "$env" | tail -n 1 | sed -e 's/^"\(.*\)"$/\1/' -e "s/^'\(.*\)'\$/\1/"; fi
}

# Neither of the two may be lost: which one is in force only its operator knows.
same() {
  if [ -z "$2" ] || [ ! -s "$secrets/$1" ] || [ "$(cat "$secrets/$1")" = "$2" ]; then return; fi
  echo "$env and $secrets/$1 differ: remove the one that is not in force, and run this again. Nothing was changed." >&2
  exit 1
}

# Compose mounts the very file, as whom it belongs to here: containers run as other users, and read it as one of all. On this
# machine nobody gets through to it but who may pass the folder.
keep() {
  if [ -s "$secrets/$1" ]; then return; fi
  printf '%s\n' "$2" >"$secrets/$1.new"
  chmod 444 "$secrets/$1.new"
  mv "$secrets/$1.new" "$secrets/$1"
  echo "made $secrets/$1"
}

mkdir -p "$secrets/further"
chmod 700 "$secrets"
chmod 755 "$secrets/further"

# Made before any file is, so that a failure leaves none behind.
api_key=$(openssl rand -hex 32)
sealing_key=$(openssl rand -base64 32)
metrics_token=$(openssl rand -hex 32)
superuser_password=$(openssl rand -hex 24)
owner_password=$(openssl rand -hex 24)
run_password=$(openssl rand -hex 24)
temporal_password=$(openssl rand -hex 24)
earlier_api_keys=$(earlier HOLDFAST_API_KEYS)
earlier_keys=$(earlier HOLDFAST_KEYS)
earlier_password=$(earlier HOLDFAST_POSTGRES_PASSWORD)
earlier_run_password=$(earlier HOLDFAST_POSTGRES_RUN_PASSWORD)
earlier_temporal_password=$(earlier TEMPORAL_POSTGRES_PASSWORD)

at=holdfast-postgres:5432/holdfast
same holdfast_api_keys "$earlier_api_keys"
same holdfast_keys "$earlier_keys"
same holdfast_database_url "${earlier_run_password:+postgres://holdfast_run:$earlier_run_password@$at}"
same temporal_postgres_password "$earlier_temporal_password"
keep holdfast_api_keys "${earlier_api_keys:-$api_key}"
keep holdfast_keys "${earlier_keys:-k1:$sealing_key}"
keep holdfast_database_url "postgres://holdfast_run:${earlier_run_password:-$run_password}@$at"
keep holdfast_migrate_database_url "postgres://holdfast_owner:$owner_password@$at"
keep holdfast_postgres_password "$superuser_password"
keep holdfast_metrics_token "$metrics_token"
keep temporal_postgres_password "${earlier_temporal_password:-$temporal_password}"

if [ -n "$earlier_keys$earlier_api_keys$earlier_password$earlier_run_password$earlier_temporal_password" ]; then
  moved='HOLDFAST_API_KEYS|HOLDFAST_KEYS|HOLDFAST_POSTGRES_PASSWORD|HOLDFAST_POSTGRES_RUN_PASSWORD|TEMPORAL_POSTGRES_PASSWORD'
  mv "$env" "$env.earlier"
  grep -vE "^($moved)=" "$env.earlier" >"$env" || true
  echo "$env: its secrets are files in $secrets now; $env.earlier is how it was, remove it once all is well"
fi

if [ ! -f "$env" ] || ! grep -q '^HOLDFAST_PUBLIC_URL=' "$env"; then
  cat >>"$env" <<TEXT
# How browsers and providers reach the gateway; https beyond this machine.
HOLDFAST_PUBLIC_URL=http://localhost:3000
TEXT
  echo "made $env: HOLDFAST_PUBLIC_URL"
fi

if [ -n "$earlier_password" ]; then
  cat <<TEXT
The database has been made with a superuser as its owner. Give it an owner of its own, once, before the next \`up\`:
  docker compose -f docker-compose.temporal.yml up --detach --wait holdfast-postgres
  docker compose -f docker-compose.temporal.yml exec holdfast-postgres psql --username=holdfast --dbname=holdfast --set=ON_ERROR_STOP=1 --file=/docker-entrypoint-initdb.d/roles.sql
TEXT
fi
