// Package rbac holds the manifests with the rights of all accounts, for tools that judge by them without a cluster.
package rbac

import "embed"

// Manifests has the files of this folder.
//
//go:embed *.yaml
var Manifests embed.FS
