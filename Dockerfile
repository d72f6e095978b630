# Kindred: one image with two doors, `train` and `serve` (docs/3-the-contract.md).
FROM python:3.13-slim-bookworm AS base

# The libraries. sagemaker-training is published as source with a C extension, so a compiler lives here and nowhere else.
FROM base AS libraries
# Unpinned: the compiler is thrown away, and Debian removes old versions, so a pin would break the build.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
RUN python -m venv --without-pip /opt/libraries
# The cache is a mount of the build, not a layer of the image.
# hadolint ignore=DL3042
RUN --mount=type=bind,source=locks/image.txt,target=/mnt/image.txt \
    --mount=type=cache,target=/var/cache/pip \
    pip --python /opt/libraries/bin/python install --cache-dir /var/cache/pip --require-hashes -r /mnt/image.txt
# Leave behind what no program here loads: the libraries' own tests, stubs and sources, symbol tables (Polars carries
# 40 MB of them), and the models of AWS services that sagemaker-training never calls (it knows S3 and credentials).
WORKDIR /opt/libraries/lib/python3.13/site-packages
RUN find . -type d \( -name tests -o -path ./joblib/test \) -prune -exec rm -rf {} + \
    && find . -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \) -delete \
    && find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 ! -name sts ! -name 'sso*' -exec rm -rf {} + \
    && find pip -type d -name __pycache__ -prune -exec rm -rf {} + \
    && strip --strip-unneeded _polars_runtime_32/*.so cryptography/hazmat/bindings/*.so \
    && chmod -R go+rX /opt/libraries

# The program, compiled here: hosting may run us without write permission, and a start should not compile.
FROM base AS program
COPY container/ /opt/kindred/
RUN chmod -R go+rX /opt/kindred \
    && chmod 755 /opt/kindred/train /opt/kindred/serve \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/kindred/kindred

FROM base
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="kindred" \
      org.opencontainers.image.description="A k-means recommender for Amazon SageMaker: what next, and why" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      com.amazonaws.sagemaker.capabilities.accept-bind-to-port="true" \
      com.amazonaws.sagemaker.capabilities.multi-models="true"
COPY --from=libraries /opt/libraries /opt/libraries
COPY --from=program /opt/kindred /opt/kindred
# What a client of the endpoint may send, for whoever opens the image; `kindred spec NAME --part openapi` prints it too.
COPY docs/openapi /opt/kindred/openapi

# /opt/kindred first: sagemaker-training brings a `train` of its own, and SageMaker runs the first one on PATH.
# SAGEMAKER_TRAINING_MODULE is what that other `train` calls, should somebody run it by name.
ENV PATH="/opt/kindred:/opt/libraries/bin:${PATH}" \
    PYTHONPATH=/opt/kindred \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SAGEMAKER_TRAINING_MODULE=kindred.entry:toolkit

# No USER: SageMaker mounts /opt/ml owned by root and expects root; another user could not write the model.
# No ENTRYPOINT: SageMaker runs `train` or `serve` as the command, found on PATH, so that PID 1 is our process and
# hears SIGTERM; an init in between would take those words for its own arguments. `bash` and `python` still work.
# CMD is for SDK v3's local mode, which names no command at all.
EXPOSE 8080
CMD ["train"]
