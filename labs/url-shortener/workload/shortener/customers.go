package shortener

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// patience is how long a customer waits for one answer, pause is the time until the next try.
	patience = 3 * time.Second
	pause    = 200 * time.Millisecond
)

// Customers bring many addresses at once, remember what they were told, and look where that leads.
type Customers struct {
	// URL of the service.
	URL string
	// Links is how many addresses a campaign has.
	Links int
	// Workers is how many requests are under way at the same time.
	Workers int

	mu     sync.Mutex
	report Report
	told   []Link // of the last campaign that is done
	begin  chan struct{}
	once   sync.Once
	client *http.Client
}

// Report is what came of the last campaign.
type Report struct {
	// State is none, running or done.
	State string `json:"state"`
	// Campaigns is how many were begun.
	Campaigns int `json:"campaigns"`
	// BeganAt and DoneAt are when the last campaign began and when its last link was acknowledged.
	BeganAt *time.Time `json:"beganAt,omitempty"`
	DoneAt  *time.Time `json:"doneAt,omitempty"`
	// Links is how many addresses were acknowledged, and Codes how many different codes they got.
	Links int `json:"links"`
	Codes int `json:"codes"`
	// Pods is how many links each pod of the service made.
	Pods map[string]int `json:"pods"`
	// LookedAt is when the links were followed the last time. Right, Wrong, Missing and Unanswered add up to Links: those
	// that lead where they should, elsewhere, nowhere, and those that nobody answered for.
	LookedAt   *time.Time `json:"lookedAt,omitempty"`
	Right      int        `json:"right"`
	Wrong      int        `json:"wrong"`
	Missing    int        `json:"missing"`
	Unanswered int        `json:"unanswered"`
	// Stores is how many of the right ones each process of Redis had, by its run_id.
	Stores map[string]int `json:"stores"`
}

func (c *Customers) validate() error {
	target, err := url.Parse(c.URL)
	switch {
	case err != nil || target.Scheme != "http" || target.Host == "":
		return fmt.Errorf("url is %q: it must be like http://shortener", c.URL)
	case c.Links < 1 || c.Links > 2000:
		return fmt.Errorf("links is %d: it must be from 1 to 2000", c.Links)
	case c.Workers < 1 || c.Workers > 64:
		return fmt.Errorf("workers is %d: it must be from 1 to 64", c.Workers)
	}
	return nil
}

func (c *Customers) init() {
	c.once.Do(func() {
		c.begin = make(chan struct{}, 1)
		c.report.State = "none"
		c.client = &http.Client{
			Timeout: patience,
			// A connection of its own for each request, so that all pods of the service get their share.
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	})
}

// Handler serves POST /campaigns, GET /report, /healthz and /readyz.
func (c *Customers) Handler() http.Handler {
	c.init()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /campaigns", func(w http.ResponseWriter, _ *http.Request) {
		c.mu.Lock()
		running := c.report.State == "running"
		if !running {
			began := time.Now().UTC()
			c.report = Report{State: "running", Campaigns: c.report.Campaigns + 1, BeganAt: &began}
			c.told = nil
		}
		c.mu.Unlock()
		if running {
			http.Error(w, "a campaign is running already", http.StatusConflict)
			return
		}
		c.begin <- struct{}{}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintln(w, "the campaign has begun: /report tells what comes of it")
	})
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, _ *http.Request) {
		c.mu.Lock()
		text, err := json.Marshal(c.report)
		c.mu.Unlock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// A client that went away is no concern of the service.
		_, _ = w.Write(append(text, '\n'))
	})
	well := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }
	mux.HandleFunc("GET /healthz", well)
	mux.HandleFunc("GET /readyz", well)
	return mux
}

// Run makes the campaigns that are asked for, and follows the links of the last one, until the context ends.
func (c *Customers) Run(ctx context.Context, every time.Duration) {
	c.init()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.begin:
			c.campaign(ctx)
			c.follow(ctx)
		case <-ticker.C:
			c.follow(ctx)
		}
	}
}

// campaign brings the addresses, and tries each until it is acknowledged.
func (c *Customers) campaign(ctx context.Context) {
	c.mu.Lock()
	began := *c.report.BeganAt
	c.mu.Unlock()
	told, pods := make([]Link, c.Links), make([]string, c.Links)
	c.each(ctx, c.Links, func(i int) {
		told[i].URL = fmt.Sprintf("https://example.com/%d/%d", began.UnixMilli(), i)
		for ctx.Err() == nil {
			code, pod, err := c.shorten(ctx, told[i].URL)
			if err == nil {
				told[i].Code, pods[i] = code, pod
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	})
	if ctx.Err() != nil {
		return
	}
	codes, byPod := map[string]bool{}, map[string]int{}
	for i := range told {
		codes[told[i].Code] = true
		byPod[pods[i]]++
	}
	done := time.Now().UTC()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = told
	c.report.State, c.report.DoneAt = "done", &done
	c.report.Links, c.report.Codes, c.report.Pods = len(told), len(codes), byPod
}

func (c *Customers) shorten(ctx context.Context, address string) (code, pod string, err error) {
	body, err := json.Marshal(map[string]string{"url": address})
	if err != nil {
		return "", "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/links", bytes.NewReader(body))
	if err != nil {
		return "", "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return "", "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated {
		return "", "", fmt.Errorf("answered %s", response.Status)
	}
	var link Link
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&link); err != nil {
		return "", "", err
	}
	if link.Code == "" || strings.ContainsAny(link.Code, "/?#%") {
		return "", "", errors.New("the answer has no code")
	}
	return link.Code, response.Header.Get(servedBy), nil
}

// follow looks where the links of the last campaign lead.
func (c *Customers) follow(ctx context.Context) {
	c.mu.Lock()
	told := c.told
	c.mu.Unlock()
	if len(told) == 0 {
		return
	}
	outcomes, processes := make([]int, len(told)), make([]string, len(told))
	c.each(ctx, len(told), func(i int) { outcomes[i], processes[i] = c.outcome(ctx, told[i]) })
	if ctx.Err() != nil {
		return
	}
	counts, stores := map[int]int{}, map[string]int{}
	for i, outcome := range outcomes {
		counts[outcome]++
		if outcome == right {
			stores[processes[i]]++
		}
	}
	looked := time.Now().UTC()
	c.mu.Lock()
	defer c.mu.Unlock()
	// A campaign that has begun meanwhile is none of these links' business.
	if c.report.State == "done" {
		c.report.LookedAt = &looked
		c.report.Right, c.report.Wrong, c.report.Missing, c.report.Unanswered = counts[right], counts[wrong], counts[missing], counts[unanswered]
		c.report.Stores = stores
	}
}

// What can come of following a link.
const (
	right = iota
	wrong
	missing
	unanswered
)

// outcome follows a link. The process is the one that had it, where it leads where it should.
func (c *Customers) outcome(ctx context.Context, link Link) (came int, process string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/"+link.Code, http.NoBody)
	if err != nil {
		return unanswered, ""
	}
	response, err := c.client.Do(request)
	if err != nil {
		return unanswered, ""
	}
	_ = response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotFound:
		return missing, ""
	case response.StatusCode != http.StatusFound:
		return unanswered, ""
	case response.Header.Get("Location") != link.URL:
		return wrong, ""
	}
	return right, response.Header.Get(storedIn)
}

// each does something for each of some numbers, several at the same time.
func (c *Customers) each(ctx context.Context, n int, do func(int)) {
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() {
			for i := range numbers {
				if ctx.Err() == nil {
					do(i)
				}
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
}
