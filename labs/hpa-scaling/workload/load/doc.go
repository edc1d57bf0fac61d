// Package load sends requests to a service at a steady rate and reports how it answered.
package load
