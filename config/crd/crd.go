// Package crd holds the generated CustomResourceDefinitions, for tools that judge by them without a cluster.
package crd

import "embed"

// Bases has the definitions, each in a file of the folder bases.
//
//go:embed bases/*.yaml
var Bases embed.FS
