# Stage 1: the virtual environment. Compilers and pip's cache stay behind.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/ukebrev/venv
COPY requirements.lock /tmp/requirements.lock
RUN /opt/ukebrev/venv/bin/pip install --require-hashes -r /tmp/requirements.lock
WORKDIR /opt/ukebrev/app
COPY pyproject.toml README.md LICENSE ./
COPY mailer mailer
COPY subscribers subscribers
COPY templates templates
COPY locale locale
RUN /opt/ukebrev/venv/bin/pip install --no-deps --no-build-isolation --editable . \
 && UKEBREV_VAR=/opt/ukebrev/build DJANGO_SETTINGS_MODULE=mailer.settings \
    /opt/ukebrev/venv/bin/python -m django collectstatic --no-input \
 && mkdir -p /opt/ukebrev/var/inbox /opt/ukebrev/var/journal && mv /opt/ukebrev/build/static /opt/ukebrev/var/static && rm -rf /opt/ukebrev/build

# Stage 2: what runs, as a user that owns nothing but its own var/.
FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /opt/ukebrev --shell /usr/sbin/nologin ukebrev
COPY --from=build /opt/ukebrev/venv /opt/ukebrev/venv
COPY --from=build /opt/ukebrev/app /opt/ukebrev/app
COPY --from=build --chown=ukebrev:ukebrev /opt/ukebrev/var /opt/ukebrev/var
ENV PATH=/opt/ukebrev/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    UKEBREV_VAR=/opt/ukebrev/var DJANGO_SETTINGS_MODULE=mailer.settings
WORKDIR /opt/ukebrev/app
USER ukebrev
EXPOSE 8000
CMD ["gunicorn", "mailer.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2"]
