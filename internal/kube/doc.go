// Package kube holds what exercises rely on in Kubernetes, for every package that has to agree on it.
package kube
