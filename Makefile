# make help says what there is. Everything that is missing on the machine is installed or built on the way, once.
# The make of macOS (3.81) ignores .SHELLFLAGS: a recipe must not depend on -e and pipefail, so it chains commands by &&.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help

# One setting for all builds, so that tests, tools and images share what the Go cache holds.
export CGO_ENABLED := 0

# The cluster has a kubeconfig of its own: nothing here can reach another cluster of yours by mistake. The tests that have the
# build tag cluster read the name too, and refuse a kubeconfig whose current context is not that of this cluster.
export CLUSTER ?= lab-operator
export KUBECONFIG := $(CURDIR)/.kube/config

CACHE := $(or $(LAB_OPERATOR_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/lab-operator)
TOOL := go tool -modfile=go.tools.mod
# The folder of kube-apiserver, etcd and kubectl. It is asked for by the recipes that need it, not by make help.
ASSETS = $(eval ASSETS := $$(shell go run ./hack/cluster assets))$(if $(ASSETS),$(ASSETS),$(error there are no kube-apiserver, etcd and kubectl))

# The architecture that docker runs images of, and the folder of their programs: those of the host may be of macOS.
IMAGE_ARCH = $(eval IMAGE_ARCH := $$(shell go run ./hack/cluster arch))$(if $(IMAGE_ARCH),$(IMAGE_ARCH),$(error docker does not tell its architecture))
IMAGE_PROGRAMS = bin/linux-$(IMAGE_ARCH)

# How long envtest waits for an API server, on a machine that compiles at the same time.
export KUBEBUILDER_CONTROLPLANE_START_TIMEOUT := 2m

OPERATOR_IMAGE := lab-operator:dev

##@ Use

.PHONY: help
help: ## Say what there is.
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: deploy catalog ## Cluster, operator, catalog and a lab; then play the learner, and leave it all up.
	PATH="$(ASSETS):$$PATH" go run ./hack/demo

.PHONY: cluster
cluster: ## Make the kind cluster, or bring it back.
	@mkdir -p .kube
	go run ./hack/cluster up --name $(CLUSTER) --kubeconfig $(KUBECONFIG)

.PHONY: cluster-down
cluster-down: ## Delete the kind cluster.
	go run ./hack/cluster down --name $(CLUSTER) --kubeconfig $(KUBECONFIG)

.PHONY: own-images
own-images: image-programs cluster ## Build the operator and the workload, and load them into the cluster.
	go run ./hack/cluster images --name $(CLUSTER) lab-operator workload

.PHONY: images
images: image-programs etcd cluster ## Get all images of hack/images/images.yaml into the cluster.
	go run ./hack/cluster images --name $(CLUSTER)

.PHONY: images-archive
images-archive: image-programs etcd ## Write all images into bin/images.tar, to preload the machines of a workshop room.
	go run ./hack/cluster images --archive bin/images.tar

.PHONY: deploy
deploy: own-images ## Install the operator in the cluster.
	export PATH="$(ASSETS):$$PATH" && hack/settle.sh && \
	kubectl apply --server-side --force-conflicts -k config/default && \
	id=$$(docker image inspect --format '{{.Id}}' $(OPERATOR_IMAGE)) && \
	kubectl -n lab-operator-system patch deployment lab-operator --type merge \
	  -p "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"lab-operator/image\":\"$$id\"}}}}}" && \
	kubectl -n lab-operator-system rollout status deployment/lab-operator --timeout 3m

.PHONY: catalog
catalog: deploy ## Install the exercises, topics and keys.
	PATH="$(ASSETS):$$PATH" kubectl apply --server-side --force-conflicts -k config/catalog

.PHONY: undeploy
undeploy: ## Delete Workshops, Labs, the catalog and the operator, in this order. The results are written to a file in bin/ first.
	PATH="$(ASSETS):$$PATH" hack/undeploy.sh

.PHONY: kubectl-lab
kubectl-lab: ## Build the plugin of kubectl for facilitators of workshops into bin/.
	go build -ldflags '-s -w' -o bin/kubectl-lab ./cmd/kubectl-lab

.PHONY: run
run: catalog ## Run the operator outside of the cluster as its ServiceAccount, in place of the one inside, until it is interrupted.
	PATH="$(ASSETS):$$PATH" hack/run.sh

##@ Test

.PHONY: test
test: test-api prove test-book test-metrics test-performance test-faults test-handover test-fuzz test-e2e test-mistakes test-security ## Run all tests: with an API server, on recorded runs, in a browser, by Prometheus, next to a baseline client, with injected faults, with made-up input, on the kind cluster.

.PHONY: test-all
test-all: ## Run all tests, and all exercises on the kind cluster: hours.
	$(MAKE) test SAMPLE=all

.PHONY: test-api
test-api: ## Run the tests that need no cluster, without those that take long or need more programs; many start an API server.
	KUBEBUILDER_ASSETS="$(ASSETS)" go test -timeout 20m $$(go list ./... | grep -v -E '/test/(book|faults|handover|metrics|performance)$$')
	cd hack/node && go test ./provisioner

.PHONY: test-book
test-book: book ## Look at the book in a browser. BOOK_PICTURES=folder keeps pictures of what it looks like.
	@command -v chromium >/dev/null || { echo "installing Debian's chromium"; apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  { echo "chromium is missing, and could not be installed: install it, as root on Debian with apt-get install chromium"; exit 1; }
	go test -count=1 ./test/book

.PHONY: test-metrics
test-metrics: ## Have a Prometheus scrape an operator, fire its alerts and ask what the dashboard asks.
	programs=$$(hack/prometheus.sh $(CACHE)); \
	PATH="$$programs:$$PATH" KUBEBUILDER_ASSETS="$(ASSETS)" go test -count=1 ./test/metrics

.PHONY: test-faults
test-faults: ## Run labs while the operator crashes, requests fail and watches break. It counts the faults.
	@mkdir -p bin && rm -f bin/faults.counts
	KUBEBUILDER_ASSETS="$(ASSETS)" LAB_COUNTS_FILE=$(CURDIR)/bin/faults.counts go test -count=1 -timeout 25m ./test/faults
	@cat bin/faults.counts

.PHONY: test-handover
test-handover: ## Take the leader of two replicas away in every way while labs go on: kill it, stop it, cut it off.
	KUBEBUILDER_ASSETS="$(ASSETS)" go test -count=1 -timeout 10m -v ./test/handover

.PHONY: test-upgrade
test-upgrade: ## Start the operator on the states that earlier ones left, and serve their kinds again: an upgrade and a downgrade.
	KUBEBUILDER_ASSETS="$(ASSETS)" go test -count=1 -timeout 10m -v ./test/upgrade

.PHONY: test-performance
test-performance: ## Check the operator against its limits, next to a baseline client, with 10 labs.
	KUBEBUILDER_ASSETS="$(ASSETS)" PERFORMANCE_LABS=10 go test -count=1 -timeout 10m -v ./test/performance

.PHONY: performance
performance: ## Measure with 10, 100 and 1000 labs, for half an hour; write what came out into docs/performance.md and the baseline.
	@mkdir -p bin
	KUBEBUILDER_ASSETS="$(ASSETS)" PERFORMANCE_LABS=10,100,1000 PERFORMANCE_IDLE=5m PERFORMANCE_LOAD=30s PERFORMANCE_CHANGES=400 \
	  PERFORMANCE_FOREIGN=30000 PERFORMANCE_PROFILES=$(CURDIR)/bin PERFORMANCE_RECORD=1 go test -count=1 -timeout 90m -v ./test/performance

# How many labs the contract suite runs at the same time, at the most: those of exercises that need much run with fewer others.
LABS_AT_ONCE ?= 6

# How many exercises test-e2e holds to their contract on the cluster, beside the recorded runs of all: one of those whose recordings
# changed last, and others with every commit. SAMPLE=all takes all.
E2E_SAMPLE = $(if $(filter command line environment,$(origin SAMPLE)),$(SAMPLE),2)
CHANGED ?= $(shell git log -1 --format= --name-only -- 'labs/*/recordings/*' 2>/dev/null | cut -d/ -f2 | sort -u)

# What decides on a sample: the latest commit.
SEED ?= $(shell git rev-parse HEAD 2>/dev/null)

.PHONY: test-e2e
test-e2e: catalog images helm kubectl-lab ## Run the tests on the kind cluster. EXERCISE=name holds one exercise to its contract, SAMPLE=all holds all.
	PATH="$(CURDIR)/bin:$(ASSETS):$$PATH" SAMPLE=$(E2E_SAMPLE) CHANGED="$(CHANGED)" SEED=$(SEED) \
	  go test -tags cluster -count=1 -timeout 60m -parallel $(LABS_AT_ONCE) -run '^TestExercises$$' -v ./test/contract
	[ -n "$(EXERCISE)" ] || PATH="$(CURDIR)/bin:$(ASSETS):$$PATH" go test -tags cluster -count=1 -p 1 -timeout 40m -v ./test/adapters ./test/e2e

.PHONY: record
record: catalog images helm kubectl-lab ## Run every script of every exercise on the kind cluster, and keep what the operator saw in labs/*/recordings. EXERCISE=name takes one.
	PATH="$(CURDIR)/bin:$(ASSETS):$$PATH" hack/run.sh -- \
	  go test -tags cluster -count=1 -timeout 120m -parallel $(LABS_AT_ONCE) -run '^TestExercises$$' -v ./test/contract

.PHONY: prove
prove: ## Count the parts of checks that a recorded near miss needs, and say which ones none does.
	go test -tags prove -count=1 -run '^TestEveryPartIsNecessary$$' -v ./labs

# How many exercises test-mistakes takes. SAMPLE=all takes all.
SAMPLE ?= 1

.PHONY: test-mistakes
test-mistakes: catalog images helm ## Play learners who slip and who take breaks, in one exercise. SAMPLE=all or EXERCISE=name takes others.
	PATH="$(CURDIR)/bin:$(ASSETS):$$PATH" SAMPLE=$(SAMPLE) SEED=$(SEED) \
	  go test -tags cluster -count=1 -timeout 120m -parallel $(LABS_AT_ONCE) -run '^TestMistakes$$' -v ./test/contract

.PHONY: test-security
test-security: catalog images ## Attack labs on the kind cluster. It counts what it tried.
	@mkdir -p bin && rm -f bin/security.counts
	PATH="$(ASSETS):$$PATH" LAB_COUNTS_FILE=$(CURDIR)/bin/security.counts go test -tags cluster -count=1 -timeout 20m ./test/security
	@cat bin/security.counts

# How many inputs each fuzz target gets.
FUZZ_INPUTS ?= 10000

.PHONY: test-fuzz
test-fuzz: ## Fuzz what parses untrusted input, FUZZ_INPUTS each.
	hack/fuzz.sh $(FUZZ_INPUTS)

.PHONY: bench
bench: ## Measure, beside a bare client in the same run.
	KUBEBUILDER_ASSETS="$(ASSETS)" go test -run '^$$' -bench . ./internal/... ./test/performance

##@ Change

.PHONY: build
build: kubectl-lab image-programs ## Build the programs of the images, and kubectl-lab, into bin/.

.PHONY: image-programs
image-programs: ## Build the operator and the workload for docker's architecture into bin/linux-<architecture>.
	GOOS=linux GOARCH=$(IMAGE_ARCH) go build -ldflags '-s -w' -o $(IMAGE_PROGRAMS)/manager ./cmd/manager
	GOOS=linux GOARCH=$(IMAGE_ARCH) go build -ldflags '-s -w' -o $(IMAGE_PROGRAMS)/workload ./cmd/workload

.PHONY: book
book: ## Render the exercises and questions as a static site, in bin/book.
	go run ./hack/book --out bin/book

.PHONY: etcd
etcd: ## Build the etcd of its image for docker's architecture, of the version in go.etcd.mod.
	GOOS=linux GOARCH=$(IMAGE_ARCH) go build -modfile=go.etcd.mod -ldflags '-s -w' -o $(IMAGE_PROGRAMS)/etcd go.etcd.io/etcd/server/v3
	GOOS=linux GOARCH=$(IMAGE_ARCH) go build -modfile=go.etcd.mod -ldflags '-s -w' -o $(IMAGE_PROGRAMS)/etcdctl go.etcd.io/etcd/etcdctl/v3

.PHONY: helm
helm: ## Build the helm that solutions use, as learners have it.
	go build -modfile=go.helm.mod -o bin/helm helm.sh/helm/v4/cmd/helm

.PHONY: generate
generate: ## Generate deep copies, CRDs, dist/install.yaml, docs/reference/api.md and the tables of docs/authoring.md.
	$(TOOL) controller-gen object crd:generateEmbeddedObjectMeta=false paths=./api/... output:crd:dir=config/crd/bases
	@mkdir -p dist
	$(TOOL) kustomize build config/default > dist/install.yaml
	$(TOOL) crd-ref-docs --log-level WARN --source-path api/v1beta1 --config hack/docs/reference/config.yaml \
	  --templates-dir hack/docs/reference --renderer markdown --output-path docs/reference/api.md
	go run ./hack/docs

.PHONY: upgrade-fixtures
upgrade-fixtures: ## Run labs to different points, and add what the operator left as a state that test-upgrade starts from.
	KUBEBUILDER_ASSETS="$(ASSETS)" go test -tags fixtures -count=1 -timeout 10m -run '^TestFixtures$$' -v ./test/upgrade

.PHONY: fmt
fmt: ## Format the code.
	gofmt -w $$(git ls-files '*.go')

.PHONY: lint
lint: ## Look for mistakes, in the API as well.
	"$$(hack/golangci-lint.sh $(CACHE))" run ./...

.PHONY: lint-catalog
lint-catalog: ## Look for mistakes in exercises, topics and keys, and count the questions, without a cluster.
	go run ./hack/lint-catalog --counts

.PHONY: verify
verify: ## Fail on anything that is not generated, formatted, tidy, linted or committed.
	hack/verify.sh

.PHONY: clean
clean: ## Remove what was built in the checkout.
	rm -rf bin .kube
