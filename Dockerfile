# A Datasette server for data/open-source-health.db:
#   docker build --tag oss-health . && docker run --rm --read-only --memory 1g --publish 8001:8001 oss-health
FROM python:3.14-slim-trixie@sha256:51dafde81dbdb6ebde285137a295cf18a47ca95234fe388a343719cb97305b3d AS build
WORKDIR /build
COPY requirements-action.txt ./
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements-action.txt
COPY pyproject.toml README.md LICENSE metadata.json ./
COPY scraper scraper
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir wheels .

FROM python:3.14-slim-trixie@sha256:51dafde81dbdb6ebde285137a295cf18a47ca95234fe388a343719cb97305b3d
WORKDIR /srv
COPY requirements.txt ./
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.txt
COPY --from=build /build/wheels wheels
RUN pip install --no-cache-dir --no-deps --no-index wheels/*.whl
COPY data/open-source-health.db ./
RUN datasette inspect open-source-health.db --inspect-file inspect.json

# A proxy in front says which address was requested, and the charts fetch their rows from there.
ENV PORT=8001 FORWARDED_ALLOW_IPS=*
EXPOSE 8001
USER 65534:65534
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/-/versions.json', timeout=5)"]
CMD ["oss-health", "serve", "--host", "0.0.0.0", "--database", "open-source-health.db", "--inspect-file", "inspect.json"]
