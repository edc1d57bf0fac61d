// Package web is a web service whose requests cost a known amount of CPU time.
package web
