#!/bin/sh
# Starts Temporal's server as its image does. That takes the database's password from the environment alone: here it comes
# out of the file POSTGRES_PWD_FILE.
set -eu
POSTGRES_PWD=$(cat "$POSTGRES_PWD_FILE")
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
