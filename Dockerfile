# syntax=docker/dockerfile:1

# Everything that is made: the Prisma client, the typed documents, the web app.
FROM node:24-slim AS build
WORKDIR /confab
COPY package.json package-lock.json ./
# Rather than `npm ci`, which refuses a lock file that was made where the packages of other platforms were out of reach.
# Whatever the lock file names is installed as it says.
RUN npm install --no-save
COPY . .
RUN npm run generate && npm run build

# What the server imports, and nothing for developers: not even `node`, which the base image is. Without `--omit=optional`,
# tools that better-auth could work with would come along (Prisma's command, TypeScript, Vite): 330 MB.
FROM node:24-slim AS dependencies
WORKDIR /confab
COPY package.json package-lock.json ./
RUN npm install --no-save --omit=dev --omit=optional

FROM node:24-slim
WORKDIR /confab
ENV NODE_ENV=production NODE_COMPILE_CACHE=/tmp/node-cache HOST=0.0.0.0 PORT=4000 DATA_DIR=/data
# A volume made of this directory keeps its owner.
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /confab/node_modules ./node_modules
COPY --from=build /confab/package.json ./
COPY --from=build /confab/prisma ./prisma
COPY --from=build /confab/web/dist ./web/dist
# TypeScript, run as it is: Node strips the types of every file outside node_modules.
COPY --from=build /confab/api ./api

USER node
VOLUME /data
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disable-warning=ExperimentalWarning", "api/server.ts"]
