# syntax=docker/dockerfile:1
# One file, three images: docker build --target agent|collector|simulator .
# All run as the user node, need no write access but to /data, and answer a health check on loopback.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The serial port is an optional package, with its native part inside; the Node that comes with the packages is not needed here.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/node-linux-*

FROM node:24-bookworm-slim AS console
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json ./
# The bundler has its native part among the optional packages.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY contract contract
COPY console console
RUN npm run --silent build

FROM node:24-bookworm-slim AS base
ENV NODE_ENV=production PENSTOCK_DATA_DIR=/data
WORKDIR /app
RUN mkdir /data /etc/penstock && chown node:node /data
COPY --from=packages /app/node_modules node_modules
COPY package.json penstock.js penstock.ts LICENSE NOTICE ./
COPY contract contract
COPY runtime runtime
VOLUME /data
USER node

FROM base AS agent
COPY agent agent
# A small agent stays below 80 MB: little room for young objects, no optimising compilers (a large plan turns them on again by
# itself), and the compiled sources in the image.
ENV NODE_COMPILE_CACHE=/app/compiled
USER root
COPY deploy/examples/agent.yaml /tmp/agent.yaml
RUN node --max-semi-space-size=1 --no-opt --no-maglev penstock.js agent check -c /tmp/agent.yaml && rm /tmp/agent.yaml
USER node
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=1", "--no-opt", "--no-maglev", "penstock.js", "agent"]
CMD ["-c", "/etc/penstock/agent.yaml"]

FROM base AS collector
COPY rules rules
COPY collector collector
COPY pki pki
COPY --from=console /app/console/dist console/dist
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "penstock.js", "collector"]
CMD ["-c", "/etc/penstock/collector.yaml"]

FROM base AS simulator
COPY simulators simulators
EXPOSE 1502
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "require('node:net').connect(1502, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"]
ENTRYPOINT ["node", "penstock.js", "simulate"]
CMD ["-c", "/etc/penstock/simulator.yaml"]
