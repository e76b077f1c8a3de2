# Parley as a container: docker build -t parley . && docker run -p 127.0.0.1:8000:8000 parley
# Keys and settings come from the environment at run time; none is baked in.
# tests/test_dockerfile.py runs these steps as plain commands.

FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/parley
COPY requirements.txt ./
RUN /opt/parley/bin/python -m pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY personas ./personas
COPY prompts ./prompts
RUN /opt/parley/bin/python -m pip install --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/parley --create-home parley
COPY --from=build /opt/parley /opt/parley
ENV PATH=/opt/parley/bin:$PATH PARLEY_HOME=/var/lib/parley PYTHONUNBUFFERED=1
USER parley
WORKDIR /var/lib/parley
VOLUME /var/lib/parley
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["parley"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--behind-proxy"]
