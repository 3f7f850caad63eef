# The image of Cloakroom. It contains the server, the certificates of public authorities
# and the licences of its parts, and nothing else: no shell, no package manager. The server runs as
# an unprivileged user and writes to /data only, so the root file system can be
# read-only. docs/install.md shows how to use the image.
#
# Both stages run on the machine that builds, also for another architecture:
# docker buildx build --platform linux/amd64,linux/arm64 .

FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS assets
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM --platform=$BUILDPLATFORM golang:1.26-trixie AS build
ARG TARGETARCH
# The C compiler for the other architecture, if that is not this machine's.
RUN case "$(dpkg --print-architecture)-$TARGETARCH" in \
      amd64-arm64) packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;; \
      arm64-amd64) packages="gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;; \
      *) exit 0 ;; \
    esac \
 && apt-get update && apt-get install -y --no-install-recommends $packages && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/web/dist web/dist
# What the server and the panel say that they are: without it, the tag or the commit that is checked out (scripts/version).
ARG VERSION
RUN scripts/decoders && scripts/languages && scripts/build-static /out/server $TARGETARCH && scripts/licenses /out/licenses && mkdir -m 0700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/server /server
COPY --from=build /out/licenses /licenses
COPY --from=build --chown=65532:65532 /out/data /data
# The other settings have their defaults: the database, the files and the site key are in /data.
ENV ADDR=:8080
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s CMD ["/server", "healthcheck"]
ENTRYPOINT ["/server"]
CMD ["serve"]
