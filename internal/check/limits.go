package check

import "time"

// Limits of what an exercise can make the operator do.
const (
	// ExpressionCost is the largest cost of one evaluation of one expression, in CEL cost units.
	ExpressionCost = 1_000_000
	// PassCost is what all expressions of one pass may cost together, in CEL cost units. The expression that crosses
	// it is the last one, so a pass never costs more than PassCost and one ExpressionCost.
	PassCost = 5_000_000
	// PassDeadline is the longest time that one pass takes, whatever the deadline of its context. Cost units say little
	// about a busy machine.
	PassDeadline = 2 * time.Second
	// GrownText is the largest length of a text that replace, join or format make, in bytes.
	GrownText = 1 << 20
	// GrownList is the largest number of elements of a list that flatten makes.
	GrownList = 100_000
	// ExpressionLength is the largest length of an expression of a check, in characters.
	ExpressionLength = 2048
	// OutputExpressionLength is the largest length of an expression under outputs, in characters.
	OutputExpressionLength = 512
	// OutputValueLength is the largest length of an output, in characters.
	OutputValueLength = 256
	// TextLength is the largest length of expected and observed, in characters.
	TextLength = 512
	// ResultsPerTask is the largest number of check results of one task.
	ResultsPerTask = 16
	// LiveValues is the largest number of values that are right for a live question at one moment.
	LiveValues = 100
	// NowInterval is after what time a verdict that depends on the variable now is looked at again.
	NowInterval = 5 * time.Second
)

// pollInterval is the shortest time after which a verdict on polled evidence is looked at again: a look that is due may
// be late.
const pollInterval = time.Second

// interruptFrequency is after how many steps of a comprehension the deadline is looked at.
const interruptFrequency = 100

// smallSize is the number of elements or characters that evidence is assumed to have when an author is told that an
// expression costs too much: small enough that no legitimate expression is over the limit.
const smallSize = 4
