package performance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// figure is one measured value. Those that the baseline names have a limit, the others are only
// printed.
type figure struct {
	name string
	// labs is the number of Labs. It is zero for what does not depend on it.
	labs  int
	value float64
}

// figures are all values of a run.
type figures []figure

func (f *figures) add(labs int, name string, value float64) {
	*f = append(*f, figure{name: name, labs: labs, value: value})
}

// addRatio compares the operator with the baseline client. The times are printed next to the ratio.
func (f *figures) addRatio(labs int, what string, ours, bare time.Duration) {
	f.add(labs, what+": ratio", float64(ours)/float64(bare))
	f.add(labs, what+": operator, ms", milliseconds(ours))
	f.add(labs, what+": bare, ms", milliseconds(bare))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// short writes three digits, or all of them before the point.
func short(value float64) string {
	if value >= 100 || value <= -100 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}

// table formats the figures: a line for each name, a column for each number of Labs.
func (f figures) table(limits baseline) string {
	var names []string
	var columns []int
	cells := map[string]map[int]string{}
	for _, figure := range f {
		if cells[figure.name] == nil {
			names = append(names, figure.name)
			cells[figure.name] = map[int]string{}
		}
		if !slices.Contains(columns, figure.labs) && figure.labs > 0 {
			columns = append(columns, figure.labs)
		}
		text := short(figure.value)
		if bound, ok := limits.bound(figure); ok {
			text += " ≤ " + short(bound.Limit)
			if figure.value > bound.Limit {
				text = "**" + short(figure.value) + " > " + short(bound.Limit) + "**"
			}
		}
		cells[figure.name][figure.labs] = text
	}
	slices.Sort(columns)
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("| figure |")
	for _, labs := range columns {
		fmt.Fprintf(&b, " %d Labs |", labs)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for _, name := range names {
		fmt.Fprintf(&b, "| %s |", name)
		for i, labs := range columns {
			text := cells[name][labs]
			if i == len(columns)-1 && text == "" {
				text = cells[name][0]
			}
			fmt.Fprintf(&b, " %s |", text)
		}
		b.WriteString("\n")
	}
	return b.String()
}
