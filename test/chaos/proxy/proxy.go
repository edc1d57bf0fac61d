package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// hush is how long a client is kept waiting for an answer that comes late, or until the connection is closed.
const hush = 250 * time.Millisecond

// After is asked when the server has answered a request with a code. The server's answer is lost unless it returns None
// or Late.
type After func(code int) Fault

// Rules say what goes wrong. They are asked from many goroutines.
type Rules interface {
	// Request is asked about every request before it is sent on. If it returns a fault the server never hears of the
	// request. After may be nil.
	Request(r *http.Request, body []byte) (Fault, After)
	// Event is asked about every event of a watch before it is passed on.
	Event(r *http.Request, event Event) Turn
}

// Proxy passes requests on to one server.
type Proxy struct {
	rules   Rules
	gate    gate
	reverse *httputil.ReverseProxy
	server  *http.Server
	url     string
}

// Start begins to listen on a free port of this machine. Requests go to the target by the transport, which brings its
// own credentials.
func Start(target *url.URL, transport http.RoundTripper, rules Rules) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	p := &Proxy{rules: rules, url: "http://" + listener.Addr().String()}
	quiet := log.New(io.Discard, "", 0)
	p.reverse = &httputil.ReverseProxy{
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.SetURL(target)
			if isWatch(pr.In) {
				asLines(pr.Out.Header)
			}
		},
		Transport:      transport,
		FlushInterval:  -1,
		ErrorLog:       quiet,
		ModifyResponse: p.answer,
		ErrorHandler:   fail,
	}
	p.server = &http.Server{Handler: p, ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	go func() { _ = p.server.Serve(listener) }() // it ends with Close and has nothing to tell
	return p, nil
}

// URL is where the proxy listens.
func (p *Proxy) URL() string { return p.url }

// Close ends the proxy and all connections.
func (p *Proxy) Close() error { return p.server.Close() }

// Freeze holds the events of all watches back until Thaw. Requests go through.
func (p *Proxy) Freeze() { p.gate.shut() }

// Thaw lets the events go that were held back.
func (p *Proxy) Thaw() { p.gate.open() }

type afterKey struct{}

// ServeHTTP asks the rules about one request, and passes it on.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := bodyOf(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	fault, after := p.rules.Request(r, body)
	if fault != None {
		inject(w, r, fault)
		return
	}
	p.reverse.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), afterKey{}, after)))
}

// bodyOf reads the body of a request and puts it back.
func bodyOf(r *http.Request) ([]byte, error) {
	if r.Method == http.MethodGet || r.Header.Get("Upgrade") != "" {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read a request: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return body, nil
}

// answer asks the rules about an answer of the server, and has the events of a watch looked at.
func (p *Proxy) answer(resp *http.Response) error {
	r := resp.Request
	if after, _ := r.Context().Value(afterKey{}).(After); after != nil {
		switch fault := after(resp.StatusCode); fault {
		case None:
		case Late:
			if err := pause(r.Context(), hush); err != nil {
				return errors.Join(err, resp.Body.Close())
			}
		default:
			return errors.Join(faultError{fault}, resp.Body.Close())
		}
	}
	if isWatch(r) && resp.StatusCode == http.StatusOK {
		resp.Body = p.watch(r, resp.Body)
	}
	return nil
}

func isWatch(r *http.Request) bool {
	watch := r.URL.Query().Get("watch")
	return watch == "true" || watch == "1"
}

// asLines has the server send events as lines of plain JSON, which can be told apart.
func asLines(header http.Header) {
	header.Set("Accept-Encoding", "identity")
	var accepted []string
	for part := range strings.SplitSeq(header.Get("Accept"), ",") {
		if strings.Contains(part, "json") {
			accepted = append(accepted, part)
		}
	}
	if len(accepted) > 0 {
		header.Set("Accept", strings.Join(accepted, ","))
	}
}
