package export_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/internal/export"
)

// room is a workshop with people of all kinds.
func room() []export.Row {
	w := workshop(
		attendee("ada", "Ada Lovelace"),
		attendee("zoë.müller@example.org", "Zoë \"Zed\" Müller, team <1>"),
		attendee("mallory", "=HYPERLINK(\"https://evil.example\",\"click\")"),
		attendee("eve", "\x1b[31mred\x1b[0m\nnext line"),
	)
	return export.Rows(w,
		[]v1alpha1.Lab{
			lab("ada", "scale", "kubernetes", "hpa-scaling", 3, 1, completed(at(25))),
			lab("ada", "events", "kafka", "consumer-lag", 1, 0),
			lab("mallory", "scale", "kubernetes", "hpa-scaling", 0, 0),
		},
		[]v1alpha1.Result{
			result("ada", "scale", "kubernetes", "hpa-scaling", 3, 1),
			result("-gone", "scale", "kubernetes", "hpa-scaling", 2, 0),
		})
}

func TestWriters(t *testing.T) {
	tests := map[string]struct {
		golden string
		write  func(w io.Writer, rows []export.Row) error
	}{
		"a table":      {"room.txt", func(w io.Writer, rows []export.Row) error { return export.WriteTable(w, rows, false) }},
		"a wide table": {"room-wide.txt", func(w io.Writer, rows []export.Row) error { return export.WriteTable(w, rows, true) }},
		"CSV":          {"room.csv", export.WriteCSV},
		"JSON": {"room.json", func(w io.Writer, rows []export.Row) error {
			return export.WriteJSON(w, export.Document{Workshop: kubecon.Name, Namespace: kubecon.Namespace, ExportedAt: at(200), Rows: rows})
		}},
		"JSON of nobody": {"nobody.json", func(w io.Writer, _ []export.Row) error {
			return export.WriteJSON(w, export.Document{Workshop: kubecon.Name, Namespace: kubecon.Namespace})
		}},
		"CSV of nobody": {"nobody.csv", func(w io.Writer, _ []export.Row) error { return export.WriteCSV(w, nil) }},
		"handouts": {"handouts.csv", func(w io.Writer, _ []export.Row) error {
			return export.WriteHandouts(w, []export.Handout{
				{Attendee: "ada", DisplayName: "Ada Lovelace", File: "ada.kubeconfig"},
				{Attendee: "mallory", DisplayName: "@SUM(A1)"},
			})
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tc.write(&out, room()); err != nil {
				t.Fatal(err)
			}
			golden(t, tc.golden, out.String())
		})
	}
}

// FuzzCSV reads what was written: every text is one cell on one line, the same one, and none is a formula.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"ada", "=1+1", "-1", "\t=1", "\r\n=1", `"`, `a,"b"`, "a\r\nb", "'", "＝1", `\.`, " =1", "", "\xff", "a;b"} {
		f.Add(text, "Ada Lovelace")
		f.Add("ada", text)
	}
	f.Fuzz(func(t *testing.T, name, display string) {
		var out bytes.Buffer
		if err := export.WriteCSV(&out, []export.Row{{Attendee: name, DisplayName: display}, {Attendee: "next"}}); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatalf("%q, %q: %v", name, display, err)
		}
		if len(records) != 3 || records[2][0] != "next" {
			t.Fatalf("%q, %q become %q", name, display, records)
		}
		for i, text := range []string{name, display} {
			cell := records[1][i]
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
				t.Errorf("%q is a formula: %q", text, cell)
			}
			want := strings.Map(func(r rune) rune {
				if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
					return ' '
				}
				return r
			}, text)
			if diff := cmp.Diff(want, strings.TrimPrefix(cell, "'")); cell != want && diff != "" {
				t.Errorf("%q is read as another text (-want +got):\n%s", text, diff)
			}
		}
	})
}
