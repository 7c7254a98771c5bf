# Paperboy in a container; compose.yaml runs it, docs/deploy.md explains it.

FROM python:3.13-slim AS build
# Behind a package index of your own: --build-arg PIP_INDEX_URL=...
ARG PIP_INDEX_URL
WORKDIR /build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
# The packages are a layer of their own: they are installed again only when the lock changes.
COPY pyproject.toml uv.lock ./
RUN uv export --frozen --quiet --no-dev --no-emit-project --extra postgres \
        --output-file requirements.txt \
    && python -m venv /opt/paperboy \
    && /opt/paperboy/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --no-deps --requirement requirements.txt
COPY README.md LICENSE ./
COPY storage storage
COPY bot bot
RUN /opt/paperboy/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin paperboy \
    && install --directory --owner=paperboy --group=paperboy /data
COPY --from=build /opt/paperboy /opt/paperboy
ENV PATH="/opt/paperboy/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/paperboy.db
USER 10001
VOLUME /data
# From here the default of .env.example, sqlite:///data/paperboy.db, is on the volume too.
WORKDIR /
# The bot listens on no port, and what it can't go on from ends it, so that Docker starts it again.
# `paperboy check` asks arXiv and the translators: that is for a person, not for every half minute.
HEALTHCHECK NONE
ENTRYPOINT ["paperboy"]
CMD ["run"]
