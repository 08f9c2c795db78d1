# docker build --build-arg REVISION="$(git rev-parse HEAD)" --tag clarion:0.1.0 .
#
# The program, the shipped rules, and the three libraries that it is linked with. It runs as an unprivileged number, writes to
# /var/lib/clarion only, and takes a read-only root file system.

FROM rust:1.95-bookworm AS build
WORKDIR /build

# The dependencies are a layer of their own: a change of the sources does not compile them again. Cargo wants every target of the
# manifests to be there.
COPY Cargo.toml Cargo.lock ./
COPY benches/peers/Cargo.toml benches/peers/
RUN mkdir -p src benches/peers/src tests/e2e tests/chart tests/cluster \
    && touch src/lib.rs \
    && for target in src/main.rs benches/peers/src/main.rs tests/e2e/main.rs tests/chart/main.rs tests/cluster/main.rs \
        benches/decode.rs benches/detect.rs benches/correlate.rs benches/pipeline.rs benches/rules.rs; do \
        echo 'fn main() {}' > "$target"; \
    done \
    && cargo build --locked --release --bin clarion

COPY dashboards dashboards
COPY rules rules
COPY schemas schemas
COPY src src
# what is copied may be older than what was compiled in its place
RUN touch src/lib.rs src/main.rs \
    && cargo build --locked --release --bin clarion \
    && strip --strip-debug target/release/clarion \
    && target/release/clarion rules check rules

FROM debian:bookworm-slim

# Without versions: the image gets the fixes of the Debian that it is built on.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libssl3 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner=65532 --group=65532 --mode=0750 /var/lib/clarion \
    && install --directory /etc/clarion

COPY --from=build /build/target/release/clarion /usr/local/bin/clarion
COPY --from=build /build/rules /usr/share/clarion/rules
COPY LICENSE /usr/share/doc/clarion/LICENSE

ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Clarion" \
      org.opencontainers.image.description="Streaming correlation engine for AI governance" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"

USER 65532:65532
WORKDIR /var/lib/clarion
VOLUME /var/lib/clarion
EXPOSE 9464
ENTRYPOINT ["/usr/local/bin/clarion"]
CMD ["run", "--config", "/etc/clarion/clarion.yaml"]
