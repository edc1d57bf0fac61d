// Package shortener is a service that makes short links and follows them. Its links are kept in Redis. Where the codes
// come from is a choice, and one of the two ways is a mistake that works for as long as there is one pod that never restarts.
package shortener
