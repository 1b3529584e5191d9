# Pulls an original image where docker-compose would build ours under its name.
ARG ORIGINAL
FROM ${ORIGINAL} AS dockercoins
