package library

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// memory is how many applications are remembered.
	memory = 8
	// maxParts is in how many parts a result may come, maxWords how many words it may have, and maxBody the bytes of a part.
	maxParts = 64
	maxWords = 5000
	maxBody  = 128 << 10
)

// Library lends a book and takes counts. It is safe for concurrent use.
type Library struct {
	// Book that is lent.
	Book *Book
	// Slow is how long a page and a part of a result take, so that one reader is not done before the others begin.
	Slow time.Duration

	mu   sync.Mutex
	runs []*run
}

// run is what is known of an application.
type run struct {
	app     string
	beganAt time.Time
	readers map[string]int
	read    map[int]bool
	of      int
	parts   map[int]part
	// writtenAt is when the last part was taken.
	writtenAt time.Time
}

type part struct {
	writer string
	counts map[string]int
}

// Run is what an application did.
type Run struct {
	// App is the id that it gave, BeganAt when it was first heard of.
	App     string    `json:"app"`
	BeganAt time.Time `json:"beganAt"`
	// Readers are the addresses that pages were lent to, and how many; Pages are how many different ones.
	Readers map[string]int `json:"readers"`
	Pages   int            `json:"pages"`
	// Parts of Of parts of the result are there, from the addresses Writers.
	Parts   int            `json:"parts"`
	Of      int            `json:"of"`
	Writers map[string]int `json:"writers"`
	// WrittenAt is when the last part was taken, in milliseconds since 1970 as in the master's list, 0 before the first.
	WrittenAt int64 `json:"writtenAt"`
	Verdict
}

// Report is what the library knows.
type Report struct {
	// Pages and Words are those of the book, each word counted once.
	Pages int `json:"pages"`
	Words int `json:"words"`
	// Last is the application that was heard of last, Runs are up to eight of them, the oldest first.
	Last *Run  `json:"last,omitempty"`
	Runs []Run `json:"runs"`
}

// Handler serves GET /pages/N?app=ID, POST /counts?app=ID&part=I&of=N, GET /report, /healthz and /readyz.
func (l *Library) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /pages/{number}", l.lend)
	mux.HandleFunc("POST /counts", l.take)
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		// A client that went away is no concern of the service.
		_ = json.NewEncoder(w).Encode(l.Report())
	})
	well := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }
	mux.HandleFunc("GET /healthz", well)
	mux.HandleFunc("GET /readyz", well)
	return mux
}

func (l *Library) lend(w http.ResponseWriter, r *http.Request) {
	app := r.URL.Query().Get("app")
	// Somebody who reads a page without an application is no run of one.
	if _, err := appOf(r); err != nil && app != "" {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		http.Error(w, "the number of a page is a number", http.StatusBadRequest)
		return
	}
	page, err := l.Book.Page(number)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	if !l.wait(r) {
		return
	}
	if app != "" {
		l.read(app, number, address(r))
	}
	// A client that went away is no concern of the service.
	_, _ = io.WriteString(w, page)
}

// read notes a page that was lent to an application.
func (l *Library) read(app string, number int, reader string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.run(app)
	known.read[number] = true
	known.readers[reader]++
}

func (l *Library) take(w http.ResponseWriter, r *http.Request) {
	app, err := appOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	query := r.URL.Query()
	number, wrong := strconv.Atoi(query.Get("part"))
	of, err := strconv.Atoi(query.Get("of"))
	if wrong != nil || err != nil || of < 1 || of > maxParts || number < 0 || number >= of {
		http.Error(w, fmt.Sprintf("part is from 0 on and less than of, which is at most %d", maxParts), http.StatusBadRequest)
		return
	}
	counts, err := readCounts(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !l.wait(r) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.run(app)
	if known.of != of {
		// Parts of a result that is cut otherwise don't fit.
		known.of, known.parts = of, map[int]part{}
	}
	// A task that was tried again brings the same part once more.
	known.parts[number] = part{writer: address(r), counts: counts}
	known.writtenAt = time.Now().UTC()
	fmt.Fprintln(w, "thank you")
}

// wait tells whether the client is still there afterwards.
func (l *Library) wait(r *http.Request) bool {
	timer := time.NewTimer(l.Slow)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-timer.C:
		return true
	}
}

// run finds an application or begins it. The lock is held.
func (l *Library) run(app string) *run {
	for _, known := range l.runs {
		if known.app == app {
			return known
		}
	}
	begun := &run{app: app, beganAt: time.Now().UTC(), readers: map[string]int{}, read: map[int]bool{}, parts: map[int]part{}}
	l.runs = append(l.runs, begun)
	if len(l.runs) > memory {
		l.runs = slices.Delete(l.runs, 0, len(l.runs)-memory)
	}
	return begun
}

// Report tells what the library knows.
func (l *Library) Report() Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	report := Report{Pages: len(l.Book.pages), Words: len(l.Book.counts), Runs: []Run{}}
	for _, known := range l.runs {
		one := Run{
			App: known.app, BeganAt: known.beganAt, Readers: map[string]int{}, Pages: len(known.read),
			Parts: len(known.parts), Of: known.of, Writers: map[string]int{},
		}
		for reader, pages := range known.readers {
			one.Readers[reader] = pages
		}
		if !known.writtenAt.IsZero() {
			one.WrittenAt = known.writtenAt.UnixMilli()
		}
		counted := map[string]int{}
		for _, brought := range known.parts {
			one.Writers[brought.writer]++
			for text, count := range brought.counts {
				counted[text] += count
			}
		}
		one.Verdict = l.Book.Check(counted)
		report.Runs = append(report.Runs, one)
	}
	if len(report.Runs) > 0 {
		report.Last = &report.Runs[len(report.Runs)-1]
	}
	return report
}

// appID is what Spark calls an application: one that a master knows, or one that runs in its driver alone.
var appID = regexp.MustCompile(`^(app-[0-9]{14}-[0-9]{4,8}|local-[0-9]{1,20})$`)

func appOf(r *http.Request) (string, error) {
	app := r.URL.Query().Get("app")
	if !appID.MatchString(app) {
		return "", errors.New("app must be the id that Spark gave the application, as in app-20261128140000-0001; leave it out to read a page yourself")
	}
	return app, nil
}

// address is where a request came from, without the port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// readCounts reads lines of a word, a space and a number. The word may be anything without a newline.
func readCounts(body io.Reader) (map[string]int, error) {
	counts := map[string]int{}
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		line := lines.Text()
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			return nil, fmt.Errorf("%.60q is no word with its count", line)
		}
		count, err := strconv.Atoi(line[at+1:])
		if err != nil {
			return nil, fmt.Errorf("%.60q is no word with its count", line)
		}
		counts[line[:at]] += count
		if len(counts) > maxWords {
			return nil, fmt.Errorf("more than %d words", maxWords)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the counts: %w", err)
	}
	return counts, nil
}
