package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/internal/text"
)

// Document is the results of a workshop for programs.
type Document struct {
	// Workshop is its name.
	Workshop string `json:"workshop"`
	// Namespace of the workshop.
	Namespace string `json:"namespace"`
	// ExportedAt is when the cluster was looked at.
	ExportedAt *metav1.Time `json:"exportedAt,omitempty"`
	// Rows are the results.
	Rows []Row `json:"rows"`
}

// Handout says which file holds what one attendee gets.
type Handout struct {
	// Attendee is the name in the roster.
	Attendee string
	// DisplayName is the name for people.
	DisplayName string
	// File is the file's name; it is empty where there is none.
	File string
	// GoodUntil is when the token in the file expires. It is nil where that is not known.
	GoodUntil *metav1.Time
}

// WriteJSON writes results for programs.
func WriteJSON(w io.Writer, document Document) error {
	if document.Rows == nil {
		document.Rows = []Row{} // A list without rows is a list.
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	if err := encoder.Encode(document); err != nil {
		return err
	}
	_, err := w.Write(escaped(written.Bytes()))
	return err
}

// byteOrderMark tells spreadsheets that a file is in UTF-8.
const byteOrderMark = "\uFEFF"

// WriteExcel writes rows for a spreadsheet that takes a file for one of its own country's encoding unless it is told.
func WriteExcel(w io.Writer, rows []Row) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	return WriteCSV(w, rows)
}

// WriteCSV writes rows for programs and spreadsheets, as RFC 4180 says, under the names that the fields have in JSON.
func WriteCSV(w io.Writer, rows []Row) error {
	records := [][]string{{
		"attendee", "displayName", "lab", "topic", "exercise", "phase", "tasksPassed", "tasks", "questionsRight", "questions",
		"scorePercent", "startedAt", "completedAt", "minutes",
	}}
	for _, row := range rows {
		records = append(records, []string{
			harmless(row.Attendee), harmless(row.DisplayName), harmless(row.Lab), harmless(row.Topic), harmless(row.Exercise), harmless(row.Phase),
			count(row.TasksPassed), count(row.Tasks), count(row.QuestionsRight), count(row.Questions),
			count(row.ScorePercent), timestamp(row.StartedAt), timestamp(row.CompletedAt), number(row.Minutes),
		})
	}
	return writeRecords(w, records)
}

// WriteHandouts writes as CSV who gets which file. It is made for spreadsheets, which merge it into letters.
func WriteHandouts(w io.Writer, handouts []Handout) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	records := [][]string{{"attendee", "displayName", "file", "goodUntil"}}
	for _, handout := range handouts {
		records = append(records, []string{
			harmless(handout.Attendee), harmless(handout.DisplayName), harmless(handout.File), timestamp(handout.GoodUntil),
		})
	}
	return writeRecords(w, records)
}

// writeRecords quotes every cell, so that what a cell holds is one cell for whoever splits lines at another separator too.
func writeRecords(w io.Writer, records [][]string) error {
	var b strings.Builder
	for _, record := range records {
		for i, cell := range record {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		b.WriteString("\r\n") // RFC 4180 wants it so.
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// formulaStarts are what spreadsheets begin a formula with. Asian editions also take the wide forms.
const formulaStarts = "=+-@＝＋－＠"

// harmless is a text that no spreadsheet takes for a formula. Rosters come from registration forms: somebody who registers
// as =HYPERLINK(...) would act in the name of the facilitator who opens the results. In much of the world a spreadsheet
// splits a line at semicolons, and anywhere it can be told to split it at something else: each sign that could begin a
// formula is preceded by an apostrophe, unless a letter or a digit precedes it, as in an e-mail address.
func harmless(field string) string {
	var b strings.Builder
	inWord := false
	for _, r := range text.Printable(field) {
		if !inWord && strings.ContainsRune(formulaStarts, r) {
			b.WriteByte('\'')
		}
		b.WriteRune(r)
		inWord = unicode.In(r, unicode.L, unicode.N, unicode.M)
	}
	return b.String()
}

// escaped is JSON in which what a terminal would obey is written as an escape sequence: programs read the same texts.
func escaped(document []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(document) {
		if text.IsTerminalControl(r) && r != '\n' {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.Bytes()
}

func timestamp(at *metav1.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func count(n int32) string { return strconv.Itoa(int(n)) }

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
