package export

import (
	"cmp"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/lab-operator/lab-operator/internal/text"
)

// none is what kubectl prints where there is nothing.
const none = "<none>"

// WriteTable writes rows for people, as kubectl get does. A wide table has all columns.
func WriteTable(w io.Writer, rows []Row, wide bool) error {
	column := func(name string, priority int32) metav1.TableColumnDefinition {
		return metav1.TableColumnDefinition{Name: name, Type: "string", Priority: priority}
	}
	table := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		column("Attendee", 0), column("Name", 1), column("Lab", 0), column("Topic", 1), column("Exercise", 0), column("Phase", 0),
		column("Tasks", 0), column("Questions", 0), column("Score", 0), column("Minutes", 0), column("Started", 1), column("Completed", 1),
	}}
	for _, row := range rows {
		table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
			cell(row.Attendee), cell(row.DisplayName), cell(row.Lab), cell(row.Topic), cell(row.Exercise), cell(row.Phase),
			seen(row, fmt.Sprintf("%d/%d", row.TasksPassed, row.Tasks)), seen(row, fmt.Sprintf("%d/%d", row.QuestionsRight, row.Questions)),
			seen(row, fmt.Sprintf("%d%%", row.ScorePercent)),
			cell(number(row.Minutes)), cell(timestamp(row.StartedAt)), cell(timestamp(row.CompletedAt)),
		}})
	}
	return printers.NewTablePrinter(printers.PrintOptions{Wide: wide}).PrintObj(table, w)
}

func cell(value string) string { return cmp.Or(text.Printable(value), none) }

// seen is a cell as kubectl get labs has it, where the lab was looked at.
func seen(row Row, text string) string {
	if row.Tasks == 0 && row.Questions == 0 {
		return none
	}
	return text
}
