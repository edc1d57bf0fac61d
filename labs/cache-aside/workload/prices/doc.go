// Package prices is a service that knows the prices of products and is slow to find them. It can keep what it found in
// Redis for a time, and go on without it when that is gone. Its customers measure how fast, how fresh and how reliable it is.
package prices
