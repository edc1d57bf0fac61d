// Package broken is a server that misbehaves on purpose, in one way at a time.
package broken
