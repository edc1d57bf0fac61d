package main

import (
	"os"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/dockerd"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/host"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/nodeimage"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/progress"
)

// environment is what every command works with.
type environment struct {
	cache    cache.Cache
	facts    host.Facts
	progress *progress.Reporter
}

func newEnvironment() (environment, error) {
	store, err := cache.Open()
	if err != nil {
		return environment{}, err
	}
	facts, err := host.Read()
	if err != nil {
		return environment{}, err
	}
	// Answers go to standard output, what is being done to standard error.
	return environment{cache: store, facts: facts, progress: progress.New(os.Stderr)}, nil
}

func (e environment) daemon() dockerd.Daemon {
	return dockerd.Daemon{Cache: e.cache, Facts: e.facts, Progress: e.progress}
}

func (e environment) builder() (nodeimage.Builder, error) {
	source, err := nodeimage.FindSource()
	if err != nil {
		return nodeimage.Builder{}, err
	}
	return nodeimage.Builder{Source: source, Cache: e.cache, Progress: e.progress}, nil
}
