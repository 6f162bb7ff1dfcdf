# One image for every Holdfast process: `gateway` (the default), `worker`, `migrate`, `doctor`. It runs on a read-only root file
# system, as user 1000. Which of them it is decides what its health is: Compose and the Helm chart check that, not the image.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-trixie-slim AS base
WORKDIR /app

# Packages' install scripts and the build run as nobody special.
FROM base AS build
RUN chown node:node /app
USER 1000:1000
COPY --chown=1000:1000 package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --no-audit --no-fund
COPY --chown=1000:1000 tsconfig.json tsconfig.build.json ./
COPY --chown=1000:1000 scripts scripts
COPY --chown=1000:1000 workflows workflows
COPY --chown=1000:1000 activities activities
COPY --chown=1000:1000 src src
# Temporal's core trusts the system's certificates, and a slim image has none: those that Node brings are Mozilla's.
RUN npm run build \
 && node --eval "require('node:fs').writeFileSync('ca-certificates.crt', require('node:tls').rootCertificates.join('\n') + '\n')"

# Optional packages are the binaries of Postgres, for `npm start`, and of swc, for bundling workflows, which the build
# has done. Install scripts would fetch a replacement for swc's; nothing that runs here needs one. Temporal's core comes
# for five platforms: one is kept.
FROM base AS modules
RUN chown node:node /app
USER 1000:1000
COPY --chown=1000:1000 package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM base
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=build --chown=0:0 /app/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY package.json LICENSE ./
# Root's: what runs may not change what it is.
COPY --from=modules --chown=0:0 /app/node_modules node_modules
COPY --from=build --chown=0:0 /app/dist dist
# A number, as Kubernetes looks no name up to see that it isn't root.
USER 1000:1000
# The gateway's; health of a worker, and metrics.
EXPOSE 3000 9464
# A larger nursery: what belongs to a request lives as long as its commit takes, and is copied less often.
ENTRYPOINT ["node", "--max-semi-space-size=32", "dist/src/cli.js"]
CMD ["gateway"]
