# One image for every role: aispm web, aispm worker, aispm tick, aispm prepare, and every other command.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG NODE_IMAGE=node:20-bookworm-slim

# --- Third-party browser files and the icon sprite -------------------------------------------------------
FROM ${NODE_IMAGE} AS frontend
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY . .
RUN node deploy/frontend.mjs

# --- Python packages from the hashed lock, static files hashed and compressed ------------------------------
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/aispm
COPY requirements.lock .
RUN /opt/aispm/bin/pip install --require-hashes -r requirements.lock
WORKDIR /app
COPY . .
COPY --from=frontend /src/static/vendor static/vendor
# The settings refuse to start without secrets; these are used for this step alone.
RUN mkdir staticfiles \
 && AISPM_SECRET_KEY=build-only-build-only-build-only-build-only \
    AISPM_ENCRYPTION_KEYS=YnVpbGQtb25seS1idWlsZC1vbmx5LWJ1aWxkLW9ubHk= \
    /opt/aispm/bin/python manage.py collectstatic --noinput \
 && printf '#!/bin/sh\nexec /opt/aispm/bin/python /app/manage.py "$@"\n' > /opt/aispm/bin/aispm \
 && chmod 755 /opt/aispm/bin/aispm \
 && /opt/aispm/bin/python -m compileall -q aispm inventory findings integrations

# --- What runs -------------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 aispm && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp aispm
COPY --from=build /opt/aispm /opt/aispm
COPY --from=build /app /app
ENV PATH=/opt/aispm/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AISPM_BIND=0.0.0.0:8000 \
    AISPM_HOME=/tmp/aispm \
    AISPM_HEARTBEAT_PATH=/tmp/aispm-worker.beat
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=4 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENTRYPOINT ["aispm"]
CMD ["web"]
