# The image of Cloakroom: the server, the certificates of the authorities it
# may have to believe (for S3), and nothing else: no shell, no package manager.
# It runs as a user without rights and writes below /data only, so it can have
# a read-only root.

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
# The SQLite driver is C: linked statically it needs no libc in the image. The
# tags keep it from wanting one at run time, for names, users and extensions.
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
