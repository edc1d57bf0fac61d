// Package book looks at the site that `make book` makes, in a browser: Debian's Chromium.
package book
