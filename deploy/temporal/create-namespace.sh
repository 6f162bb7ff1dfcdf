#!/bin/sh
# Creates the namespace TEMPORAL_NAMESPACE on the server TEMPORAL_ADDRESS, if it isn't there, and ends once every
# part of the server knows it. Holdfast's worker registers the search attributes itself.
set -eu

# 2 s a try.
wait_until() {
  tries=60
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    # The last try says what is wrong.
    if [ "$tries" -eq 0 ]; then exec "$@"; fi
    sleep 2
  done
}

wait_until temporal operator cluster health
if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi
wait_until temporal workflow count
