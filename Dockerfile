# Paperboy in a container; compose.yaml runs it, docs/deploy.md explains it.

FROM python:3.13-slim AS build
# Behind a package index of your own: --build-arg PIP_INDEX_URL=...
ARG PIP_INDEX_URL
WORKDIR /build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
# The packages are a layer of their own: they are installed again only when the lock changes.
COPY pyproject.toml uv.lock ./
# scikit-learn and what it is made of bring 60 MB of their own tests.
RUN uv export --frozen --quiet --no-dev --no-emit-project --extra postgres --extra ranking \
        --output-file requirements.txt \
    && python -m venv --without-pip /opt/packages \
    && pip --python /opt/packages/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --no-deps --requirement requirements.txt \
    && cd /opt/packages/lib/python3.13/site-packages \
    && find numpy scipy sklearn -type d -name tests -prune -exec rm -r {} +
COPY README.md LICENSE ./
COPY storage storage
COPY bot bot
RUN pip --python /opt/packages/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-deps --target /opt/paperboy .

FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin paperboy \
    && install --directory --owner=paperboy --group=paperboy --mode=700 /data
COPY --from=build /opt/packages /opt/packages
COPY --from=build /opt/paperboy /opt/paperboy
# A heap for each thread keeps memory that nobody uses; `run` itself makes do with one.
ENV PATH="/opt/paperboy/bin:/opt/packages/bin:$PATH" \
    PYTHONPATH=/opt/paperboy \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    DATABASE_URL=sqlite:////data/paperboy.db \
    METRICS_LISTEN=127.0.0.1:9464
USER 10001
VOLUME /data
# From here the default of .env.example, sqlite:///data/paperboy.db, is on the volume too.
WORKDIR /
# Whether it is at work and the database answers. `paperboy check` asks arXiv and the translators as
# well: that is for a person, not for every minute.
HEALTHCHECK --interval=1m --timeout=5s --start-period=1m \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
ENTRYPOINT ["paperboy"]
CMD ["run"]
