package export

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
}

// WriteJSON writes results for programs.
func WriteJSON(w io.Writer, document Document) error {
	if document.Rows == nil {
		document.Rows = []Row{} // A list without rows is a list.
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	return encoder.Encode(document)
}

// WriteCSV writes rows for a spreadsheet, as RFC 4180 says, under the names that the fields have in JSON.
func WriteCSV(w io.Writer, rows []Row) error {
	records := [][]string{{
		"attendee", "displayName", "lab", "topic", "exercise", "phase", "tasksPassed", "tasks", "questionsRight", "questions",
		"scorePercent", "startedAt", "completedAt", "minutes",
	}}
	for _, row := range rows {
		records = append(records, []string{
			harmless(row.Attendee), harmless(row.DisplayName), harmless(row.Lab), harmless(row.Topic), harmless(row.Exercise), harmless(row.Phase),
			strconv.Itoa(row.TasksPassed), strconv.Itoa(row.Tasks), strconv.Itoa(row.QuestionsRight), strconv.Itoa(row.Questions),
			strconv.Itoa(int(row.ScorePercent)), timestamp(row.StartedAt), timestamp(row.CompletedAt), number(row.Minutes),
		})
	}
	return writeRecords(w, records)
}

// WriteHandouts writes as CSV who gets which file.
func WriteHandouts(w io.Writer, handouts []Handout) error {
	records := [][]string{{"attendee", "displayName", "file"}}
	for _, handout := range handouts {
		records = append(records, []string{harmless(handout.Attendee), harmless(handout.DisplayName), harmless(handout.File)})
	}
	return writeRecords(w, records)
}

func writeRecords(w io.Writer, records [][]string) error {
	writer := csv.NewWriter(w)
	writer.UseCRLF = true // RFC 4180 wants it so.
	return writer.WriteAll(records)
}

// harmless is a text that no spreadsheet takes for a formula. Rosters come from registration forms: whoever registers as
// =HYPERLINK(...) would act in the name of the facilitator who opens the results. Asian editions also take the wide forms.
func harmless(text string) string {
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(text, start) {
			return "'" + Line(text)
		}
	}
	return Line(text)
}

// Line is a text on one line that moves no cursor: terminals obey control characters, and display names may have them.
func Line(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, text)
}

func timestamp(at *metav1.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
