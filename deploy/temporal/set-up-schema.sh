#!/bin/sh
# Brings Temporal's two databases to the schema of this release. Safe to run again: it runs at each start, and so
# after each change of the images' tag too. Where and as whom: SQL_HOST, SQL_PORT, SQL_USER, SQL_PLUGIN,
# and SQL_PASSWORD_FILE, the file with its password.
set -eu

SQL_PASSWORD=$(cat "$SQL_PASSWORD_FILE")
export SQL_PASSWORD

set_up() {
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "postgresql/v12/$2"
}

set_up temporal temporal
set_up temporal_visibility visibility
