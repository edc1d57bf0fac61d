package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/export"
	"github.com/lab-operator/lab-operator/internal/golden"
)

// room is a workshop with people of all kinds.
func room() []export.Row {
	w := workshop(
		attendee("ada", "Ada Lovelace"),
		attendee("zoë.müller@example.org", "Zoë \"Zed\" Müller, team <1>"),
		attendee("mallory", "=HYPERLINK(\"https://evil.example\",\"click\")"),
		attendee("eve", "\x1b[31mred\x1b[0m\nnext line\u009b2J\u202e"),
		attendee("semi;=1+1;x", "x;=cmd|'/c calc'!A1;y"),
	)
	return export.Rows(w,
		[]v1beta1.Lab{
			lab("ada", "scale", "kubernetes", "hpa-scaling", 3, 1, completed(at(25))),
			lab("ada", "events", "kafka", "consumer-lag", 1, 0),
			lab("mallory", "scale", "kubernetes", "hpa-scaling", 0, 0),
		},
		[]v1beta1.LabResult{
			result("ada", "scale", "kubernetes", "hpa-scaling", 3, 1),
			result("-gone", "scale", "kubernetes", "hpa-scaling", 2, 0),
		})
}

func TestWriters(t *testing.T) {
	tests := map[string]struct {
		golden string
		write  func(w io.Writer, rows []export.Row) error
	}{
		"a table":               {"room.txt", func(w io.Writer, rows []export.Row) error { return export.WriteTable(w, rows, false) }},
		"a wide table":          {"room-wide.txt", func(w io.Writer, rows []export.Row) error { return export.WriteTable(w, rows, true) }},
		"CSV":                   {"room.csv", export.WriteCSV},
		"CSV for a spreadsheet": {"room-excel.csv", export.WriteExcel},
		"JSON": {"room.json", func(w io.Writer, rows []export.Row) error {
			return export.WriteJSON(w, export.Document{Workshop: kubecon.Name, Namespace: kubecon.Namespace, ExportedAt: at(200), Rows: rows})
		}},
		"JSON of nobody": {"nobody.json", func(w io.Writer, _ []export.Row) error {
			return export.WriteJSON(w, export.Document{Workshop: kubecon.Name, Namespace: kubecon.Namespace})
		}},
		"CSV of nobody": {"nobody.csv", func(w io.Writer, _ []export.Row) error { return export.WriteCSV(w, nil) }},
		"handouts": {"handouts.csv", func(w io.Writer, _ []export.Row) error {
			return export.WriteHandouts(w, []export.Handout{
				{Attendee: "ada", DisplayName: "Ada Lovelace", File: "ada.kubeconfig", GoodUntil: at(180)},
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
			golden.Compare(t, filepath.Join("testdata", tc.golden), out.String())
		})
	}
}

// FuzzCSV reads what was written: every text is one cell on one line, the same one but for apostrophes, and no part of it is
// a formula, wherever the line is split.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{
		"ada", "=1+1", "-1", "\t=1", "\r\n=1", `"`, `a,"b"`, "a\r\nb", "'", "＝1", `\.`, " =1", "", "\xff", "a;b",
		"semi;=1+1;x", "x;=cmd|'/c calc'!A1;y", `x";=1`, "x;\"=1", "x; ＝1", "x|@SUM(A1)", "x;'=1", "x\u00a0=1", "Jean-Luc", "a+b@example.org",
	} {
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
			checkCell(t, text, records[1][i])
		}
	})
}

// checkCell compares a cell with the text that it is made of.
func checkCell(t *testing.T, text, cell string) {
	t.Helper()
	before := 'x'
	for i, r := range cell {
		if strings.ContainsRune("=+-@＝＋－＠", r) && before != '\'' && (i == 0 || !unicode.In(before, unicode.L, unicode.N, unicode.M)) {
			t.Errorf("%q can become a formula: %q", text, cell)
		}
		before = r
	}
	want := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if diff := cmp.Diff(strings.ReplaceAll(want, "'", ""), strings.ReplaceAll(cell, "'", "")); diff != "" {
		t.Errorf("%q is read as another text (-want +got):\n%s", text, diff)
	}
}

func TestNoFormulaInAnySeparator(t *testing.T) {
	tests := map[string]struct{ display, want string }{
		"a formula":                     {"=1+1", "'=1+1"},
		"after a semicolon":             {"x;=cmd|'/c calc'!A1;y", "x;'=cmd|'/c calc'!A1;y"},
		"after a tab":                   {"x\t=1", "x '=1"},
		"after a bar":                   {"x|@SUM(A1)", "x|'@SUM(A1)"},
		"after a semicolon and a blank": {"x; =1", "x; '=1"},
		"after a quote":                 {`x;"=1`, `x;"'=1`},
		"in the wide form":              {"x;＝1", "x;'＝1"},
		"a double name":                 {"Jean-Luc Ménard-Roux", "Jean-Luc Ménard-Roux"},
		"an address":                    {"a+b.c@example.org", "a+b.c@example.org"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := export.WriteCSV(&out, []export.Row{{Attendee: "ada", DisplayName: tc.display}}); err != nil {
				t.Fatal(err)
			}
			records, err := csv.NewReader(&out).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if got := records[1][1]; got != tc.want {
				t.Errorf("%q becomes %q, want %q", tc.display, got, tc.want)
			}
		})
	}
}

func TestOnlySpreadsheetsGetAByteOrderMark(t *testing.T) {
	tests := map[string]struct {
		write func(w io.Writer) error
		want  bool
	}{
		"csv":      {func(w io.Writer) error { return export.WriteCSV(w, nil) }, false},
		"excel":    {func(w io.Writer) error { return export.WriteExcel(w, nil) }, true},
		"handouts": {func(w io.Writer) error { return export.WriteHandouts(w, nil) }, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tc.write(&out); err != nil {
				t.Fatal(err)
			}
			if got := bytes.HasPrefix(out.Bytes(), []byte{0xEF, 0xBB, 0xBF}); got != tc.want {
				t.Errorf("a byte order mark: %t, want %t", got, tc.want)
			}
		})
	}
}

// TestNothingMovesATerminal writes every character that a terminal may obey in every form.
func TestNothingMovesATerminal(t *testing.T) {
	const dangerous = "\x1b[31m\a\b\x7f\u0085\u009b2J\u2028\u2029\u202e\u2066\u200e"
	rows := []export.Row{{Attendee: "eve" + dangerous, DisplayName: dangerous, Lab: dangerous, Topic: dangerous, Exercise: dangerous, Phase: dangerous}}
	tests := map[string]func(w io.Writer) error{
		"table": func(w io.Writer) error { return export.WriteTable(w, rows, true) },
		"csv":   func(w io.Writer) error { return export.WriteCSV(w, rows) },
		"json":  func(w io.Writer) error { return export.WriteJSON(w, export.Document{Workshop: dangerous, Rows: rows}) },
		"handouts": func(w io.Writer) error {
			return export.WriteHandouts(w, []export.Handout{{Attendee: dangerous, File: dangerous}})
		},
	}
	for name, write := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := write(&out); err != nil {
				t.Fatal(err)
			}
			for _, r := range out.String() {
				if r != '\n' && r != '\r' && unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
					t.Errorf("%U in %q", r, out.String())
				}
			}
		})
	}
	t.Run("programs read the same texts", func(t *testing.T) {
		var out bytes.Buffer
		if err := export.WriteJSON(&out, export.Document{Rows: rows}); err != nil {
			t.Fatal(err)
		}
		var read export.Document
		if err := json.Unmarshal(out.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, read.Rows); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}
