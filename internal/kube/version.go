package kube

import "k8s.io/apimachinery/pkg/util/version"

// Version returns the Kubernetes version that exercises are written for, whatever version the cluster has. It decides on
// the language of checks, the pod security standards of labs, and the kinds that the linter knows.
//
// A higher version can change the meaning of checks and of pod security in labs that run already. Raise it only together
// with a test of the catalog, and name it in the release notes.
func Version() *version.Version { return version.MajorMinor(1, 37) }
