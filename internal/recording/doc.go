// Package recording keeps what the operator saw of a lab, and plays it again in no time: each change of the evidence with its
// moment, the answers and the values that were drawn. Verdicts are not kept, so that a recording shows what other checks make
// of the same run. The package judges nothing: see Replay in controllers/lab.
//
// A file is JSON lines, compressed: a head, and a frame for each moment at which something was otherwise than before.
package recording
