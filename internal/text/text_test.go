package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/lab-operator/lab-operator/internal/text"
)

func TestOneLine(t *testing.T) {
	tests := map[string]struct {
		given string
		limit int
		want  string
	}{
		"short text stays":                {"it is so", 20, "it is so"},
		"space collapses":                 {"  a\n\n b\tc\u00a0d \r\n", 20, "a b c d"},
		"control characters go":           {"a\x00b\x1b[1mc\x7f", 20, "ab[1mc"},
		"text is not turned around":       {"a\u202eb\u200bc\ufeff", 20, "abc"},
		"broken bytes are marked":         {"a\xffb", 20, "a\uFFFDb"},
		"exactly the limit":               {"äöüß", 4, "äöüß"},
		"over the limit, at a rune":       {"äöüßx", 4, "äöü…"},
		"no space before the ellipsis":    {"ab cdef", 4, "ab…"},
		"long space is no text":           {"a" + strings.Repeat(" ", 100), 4, "a"},
		"nothing":                         {"", 4, ""},
		"space at the limit is not shown": {"abcd   ", 4, "abcd"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := text.OneLine(tc.given, tc.limit); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTruncate(t *testing.T) {
	tests := map[string]struct {
		given                 string
		limit                 int
		wantRunes, wantInByte string
	}{
		"short text stays":             {given: "abc", limit: 5, wantRunes: "abc", wantInByte: "abc"},
		"exactly the limit":            {given: "abcde", limit: 5, wantRunes: "abcde", wantInByte: "abcde"},
		"over the limit":               {given: "abcdef", limit: 5, wantRunes: "abcd…", wantInByte: "ab…"},
		"characters of several bytes":  {given: "äöüß", limit: 6, wantRunes: "äöüß", wantInByte: "ä…"},
		"never half a character":       {given: "aäöü", limit: 5, wantRunes: "aäöü", wantInByte: "a…"},
		"no space before the ellipsis": {given: "ab cdef", limit: 4, wantRunes: "ab…", wantInByte: "a…"},
		"nothing but the ellipsis":     {given: "𝄞𝄞", limit: 3, wantRunes: "𝄞𝄞", wantInByte: "…"},
		"nothing":                      {given: "", limit: 3},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := text.Truncate(tc.given, tc.limit); got != tc.wantRunes {
				t.Errorf("Truncate: got %q, want %q", got, tc.wantRunes)
			}
			if got := text.TruncateBytes(tc.given, tc.limit); got != tc.wantInByte {
				t.Errorf("TruncateBytes: got %q, want %q", got, tc.wantInByte)
			}
		})
	}
}

func TestSentence(t *testing.T) {
	for given, want := range map[string]string{
		"it is so":       "it is so.",
		" it\n is  so. ": "it is so.",
		"wait...":        "wait.",
	} {
		if got := text.Sentence(given); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	const given = "\x1b[31m\u009b2J\u202e\na\u200db \xff"
	if got, want := text.Printable(given), " [31m 2J  a\u200db \uFFFD"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzOneLine(f *testing.F) {
	f.Add("  a\n\n\x1b[2J\u202eb \xff", 4)
	f.Add("äöüß", 3)
	f.Fuzz(func(t *testing.T, given string, limit int) {
		limit = max(limit, 1)
		got := text.OneLine(given, limit)
		if n := utf8.RuneCountInString(got); n > limit || !utf8.ValidString(got) {
			t.Errorf("%q has %d characters, the limit is %d", got, n, limit)
		}
		if strings.ContainsFunc(got, text.IsTerminalControl) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q moves a terminal", got)
		}
		if again := text.OneLine(got, limit); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
		limit = max(limit, 3)
		if cut := text.TruncateBytes(got, limit); len(cut) > limit || !utf8.ValidString(cut) {
			t.Errorf("%q has %d bytes, the limit is %d", cut, len(cut), limit)
		}
	})
}
