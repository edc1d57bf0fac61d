// Package charts is a chart repository: an index and some Helm charts over HTTP. What it offers is built in, under
// files: three versions of a chart named shop, the second of which has a fault that a release has to survive.
package charts
