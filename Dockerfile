# The operator. Its static binary is built on the host and copied in, so that one file makes the image everywhere:
#   CGO_ENABLED=0 GOOS=linux go build -o bin/manager ./cmd/manager && docker build -t lab-operator:dev .
# Where no registry can be reached, add --build-arg BASE=scratch.
ARG BASE=gcr.io/distroless/static-debian12:nonroot
FROM ${BASE}
COPY bin/manager /manager
# A number, so that the kubelet can tell that it is not root.
USER 65532:65532
ENTRYPOINT ["/manager"]
