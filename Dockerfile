# The operator. Its static binary is built on the host and copied in, so that one file makes the image everywhere:
#   CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o bin/linux-amd64/manager ./cmd/manager && docker build -t lab-operator:dev .
# For arm64, build into bin/linux-arm64 and add --build-arg PROGRAMS=bin/linux-arm64.
# Where no registry can be reached, add --build-arg BASE=scratch.
ARG BASE=gcr.io/distroless/static-debian12:nonroot
FROM ${BASE}
ARG PROGRAMS=bin/linux-amd64
COPY ${PROGRAMS}/manager /manager
# A number, so that the kubelet can tell that it is not root.
USER 65532:65532
ENTRYPOINT ["/manager"]
