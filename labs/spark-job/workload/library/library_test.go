package library

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// client asks a library from an address.
type client struct {
	t       *testing.T
	handler http.Handler
	address string
}

func (c client) ask(method, path, body string, want int) string {
	c.t.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.RemoteAddr = c.address + ":1234"
	recorder := httptest.NewRecorder()
	c.handler.ServeHTTP(recorder, request)
	if recorder.Code != want {
		c.t.Errorf("%s %s: %d %s, want %d", method, path, recorder.Code, recorder.Body, want)
	}
	return recorder.Body.String()
}

// count counts the words of a text as a reader would, cut by a rule.
func count(texts []string, words func(string) []string) string {
	counts := map[string]int{}
	for _, text := range texts {
		for _, found := range words(text) {
			counts[found]++
		}
	}
	var lines strings.Builder
	for found, n := range counts {
		fmt.Fprintf(&lines, "%s %d\n", found, n)
	}
	return lines.String()
}

func letters(text string) []string { return word.FindAllString(strings.ToLower(text), -1) }

func TestLibrary(t *testing.T) {
	book := NewBook(5, 2)
	words := len(book.counts)
	for name, tc := range map[string]struct {
		words func(string) []string
		want  Verdict
	}{
		"words as they are meant":   {letters, Verdict{Right: words}},
		"words as they are written": {strings.Fields, Verdict{Wrong: words - 1, Missing: 1}},
		"no words":                  {func(string) []string { return nil }, Verdict{Missing: words}},
	} {
		t.Run(name, func(t *testing.T) {
			library := &Library{Book: book}
			one, two := client{t, library.Handler(), "10.0.0.1"}, client{t, library.Handler(), "10.0.0.2"}
			pages := []string{one.ask("GET", "/pages/1?app=local-1", "", 200), two.ask("GET", "/pages/2?app=local-1", "", 200)}
			two.ask("GET", "/pages/2?app=local-1", "", 200)
			one.ask("POST", "/counts?app=local-1&part=0&of=2", count(pages, tc.words), 200)
			one.ask("POST", "/counts?app=local-1&part=0&of=2", count(pages, tc.words), 200)
			two.ask("POST", "/counts?app=local-1&part=1&of=2", "", 200)
			var report Report
			if err := json.Unmarshal([]byte(one.ask("GET", "/report", "", 200)), &report); err != nil {
				t.Fatal(err)
			}
			want := Run{
				App: "local-1", Readers: map[string]int{"10.0.0.1": 1, "10.0.0.2": 2}, Pages: 2, Parts: 2, Of: 2,
				Writers: map[string]int{"10.0.0.1": 1, "10.0.0.2": 1}, Verdict: tc.want,
			}
			ignore := cmpopts.IgnoreFields(Run{}, "BeganAt", "WrittenAt", "Unknown", "UnknownWord")
			if diff := cmp.Diff(Report{Pages: 2, Words: words, Last: &want, Runs: []Run{want}}, report, ignore); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if written := tc.want.Wrong > 0; written != (report.Last.Unknown > 0) || written != (report.Last.UnknownWord != "") {
				t.Errorf("%d unknown words, as %q", report.Last.Unknown, report.Last.UnknownWord)
			}
		})
	}
}

func TestBookFollowsFromItsSeed(t *testing.T) {
	if diff := cmp.Diff(NewBook(1, 3).pages, NewBook(1, 3).pages); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(NewBook(1, 3).pages, NewBook(2, 3).pages) {
		t.Error("two seeds, one book")
	}
}

func TestAPageWithoutAnApplicationIsNoRun(t *testing.T) {
	library := &Library{Book: NewBook(1, 1)}
	c := client{t, library.Handler(), "10.0.0.1"}
	c.ask("GET", "/pages/1?app=app-20261128140000-0001", "", 200)
	if page := c.ask("GET", "/pages/1", "", 200); page != library.Book.pages[0] {
		t.Errorf("lent %q", page)
	}
	c.ask("GET", "/pages/1?app=me", "", 400)
	report := library.Report()
	if len(report.Runs) != 1 || report.Last.App != "app-20261128140000-0001" || report.Last.Readers["10.0.0.1"] != 1 {
		t.Errorf("runs: %+v", report.Runs)
	}
}

func TestTheLastPartIsDated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		library := &Library{Book: NewBook(1, 1), Slow: time.Second}
		c := client{t, library.Handler(), "10.0.0.1"}
		c.ask("GET", "/pages/1?app=local-1", "", 200)
		if at := library.Report().Last.WrittenAt; at != 0 {
			t.Errorf("nothing was written, at %d", at)
		}
		c.ask("POST", "/counts?app=local-1&part=0&of=2", "the 1\n", 200)
		c.ask("POST", "/counts?app=local-1&part=1&of=2", "", 200)
		if at := library.Report().Last.WrittenAt; at != time.Now().UnixMilli() {
			t.Errorf("written at %d, want %d", at, time.Now().UnixMilli())
		}
	})
}

func TestWhatIsCutOtherwiseBeginsAnew(t *testing.T) {
	library := &Library{Book: NewBook(1, 1)}
	c := client{t, library.Handler(), "10.0.0.1"}
	c.ask("POST", "/counts?app=local-1&part=2&of=3", "the 1\n", 200)
	c.ask("POST", "/counts?app=local-1&part=0&of=2", "the 1\n", 200)
	if last := library.Report().Last; last.Parts != 1 || last.Of != 2 {
		t.Errorf("%d of %d parts", last.Parts, last.Of)
	}
}

func TestOldApplicationsAreForgotten(t *testing.T) {
	library := &Library{Book: NewBook(1, 1)}
	c := client{t, library.Handler(), "10.0.0.1"}
	for i := range memory + 3 {
		c.ask("GET", fmt.Sprintf("/pages/1?app=local-%d", i), "", 200)
	}
	if report := library.Report(); len(report.Runs) != memory || report.Runs[0].App != "local-3" || report.Last.App != fmt.Sprintf("local-%d", memory+2) {
		t.Errorf("%d applications, from %s to %s", len(report.Runs), report.Runs[0].App, report.Last.App)
	}
}

func TestWhatIsRefused(t *testing.T) {
	c := client{t, (&Library{Book: NewBook(1, 2)}).Handler(), "10.0.0.1"}
	var many strings.Builder
	for i := range maxWords + 1 {
		fmt.Fprintf(&many, "%d 1\n", i)
	}
	for _, tc := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/pages/1?app=me", "", 400, "leave it out to read a page yourself"},
		{"GET", "/pages/1?app=app-1-1", "", 400, "app must be the id"},
		{"GET", "/pages/one?app=local-1", "", 400, "the number of a page is a number"},
		{"GET", "/pages/3?app=local-1", "", 404, "there is no page 3: the book has 2"},
		{"POST", "/counts", "", 400, "app must be the id"},
		{"POST", "/counts?app=local-1&part=2&of=2", "", 400, "part is from 0 on and less than of"},
		{"POST", "/counts?app=local-1&part=0&of=65", "", 400, "at most 64"},
		{"POST", "/counts?app=local-1&part=0&of=1", "the", 400, `"the" is no word with its count`},
		{"POST", "/counts?app=local-1&part=0&of=1", "the many", 400, `"the many" is no word with its count`},
		{"POST", "/counts?app=local-1&part=0&of=1", many.String(), 400, "more than 5000 words"},
		{"POST", "/counts?app=local-1&part=0&of=1", strings.Repeat("a 1\n", maxBody), 400, "too large"},
	} {
		if got := c.ask(tc.method, tc.path, tc.body, tc.status); !strings.Contains(got, tc.says) {
			t.Errorf("%s %s: %s, want %s", tc.method, tc.path, got, tc.says)
		}
	}
}
