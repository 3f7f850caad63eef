# The image of Cloakroom. It contains the server and the certificates of public
# authorities, and nothing else: no shell, no package manager. The server runs as
# an unprivileged user and writes to /data only, so the root file system can be
# read-only. docs/install.md shows how to use the image.

FROM node:20-bookworm-slim AS assets
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/web/dist web/dist
# The SQLite driver is written in C. It is linked statically, because the image
# has no libc. The tags avoid libc at run time for host names, users and SQLite
# extensions.
RUN CGO_ENABLED=1 go build -trimpath -tags netgo,osusergo,sqlite_omit_load_extension \
    -ldflags '-s -w -extldflags "-static"' -o /out/server ./cmd/server \
 && mkdir -m 0700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/server /server
COPY --from=build --chown=65532:65532 /out/data /data
ENV ADDR=:8080 \
    DATABASE_URL=sqlite:///data/cloakroom.db \
    UPLOAD_DIR=/data/uploads
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/server"]
CMD ["serve"]
