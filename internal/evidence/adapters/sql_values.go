package adapters

import (
	"math"
	"strconv"
	"time"

	"github.com/lab-operator/lab-operator/internal/text"
)

// What pg_type numbers the types that are more to checks than text.
const (
	pgBool        = 16
	pgInt8        = 20
	pgInt2        = 21
	pgInt4        = 23
	pgOID         = 26
	pgJSON        = 114
	pgFloat4      = 700
	pgFloat8      = 701
	pgTimestamptz = 1184
	pgNumeric     = 1700
	pgJSONB       = 3802
)

// sqlValue makes a plain value of a cell, which is in PostgreSQL's text form; nil is NULL. What is not in the form of
// its type stays a text, as does what numbers and times have no place for: NaN, infinity, a year before Christ.
func sqlValue(oid uint32, cell []byte) any {
	if cell == nil {
		return nil
	}
	value := text.Valid(string(cell))
	switch oid {
	case pgBool:
		if value == "t" || value == "f" {
			return value == "t"
		}
	case pgInt2, pgInt4, pgInt8, pgOID:
		if number, err := strconv.ParseInt(value, 10, 64); err == nil {
			return number
		}
	case pgFloat4, pgFloat8, pgNumeric:
		if number, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(number) && !math.IsInf(number, 0) {
			return number
		}
	case pgTimestamptz:
		for _, layout := range []string{"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00"} {
			if moment, err := time.Parse(layout, value); err == nil {
				return moment.UTC()
			}
		}
	case pgJSON, pgJSONB:
		if value, err := decodeJSON(value); err == nil {
			return value
		}
	}
	return value
}
