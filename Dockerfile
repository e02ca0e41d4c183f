# The tool itself, with the embedded model's runtime; for the machines of agents see docs/how-to/coding-agents.md.
#   docker build --tag peerwatch .
#   docker run --rm --volume "$PWD:/work" --volume peerwatch-cache:/cache peerwatch demo
FROM python:3.13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
COPY .ci/uv.txt pyproject.toml uv.lock README.md LICENSE THIRD_PARTY_NOTICES.md /src/
COPY src /src/src
COPY packages /src/packages
# Every version comes from uv.lock, as in a checkout.
RUN python -m pip install --no-cache-dir --require-hashes -r /src/uv.txt \
    && UV_PROJECT_ENVIRONMENT=/opt/peerwatch UV_LINK_MODE=copy uv sync --project /src --quiet --frozen --no-editable \
        --compile-bytecode --no-default-groups --extra local --extra potter2026 \
    && rm -rf /root/.cache
ENV PATH=/opt/peerwatch/bin:$PATH PEERWATCH_CACHE=/cache
VOLUME /cache
WORKDIR /work
ENTRYPOINT ["peerwatch"]
