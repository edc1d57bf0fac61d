// Package pipeline is a line that trains a model, step by step: ingest takes the next batch of rides, validate holds it
// against what rides look like, train fits the fare to distance and minutes, submit brings the model to a registry. The
// registry hands out the batches, every second of which is poisoned, and judges models by rides of its own.
package pipeline
