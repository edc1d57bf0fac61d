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

// responseDelay is how long a client waits for a late response, or until the connection is closed.
const responseDelay = 250 * time.Millisecond

// ResponseHook is called when the server has responded with a code. The server's response is
// dropped unless it returns None or LateResponse.
type ResponseHook func(code int) Fault

// Rules decide on the faults. Many goroutines call them.
type Rules interface {
	// Request is called for every request before it is sent on. If it returns a fault, the server
	// never receives the request. The ResponseHook can be nil.
	Request(r *http.Request, body []byte) (Fault, ResponseHook)
	// Event is called for every event of a watch before it is passed on.
	Event(r *http.Request, event Event) EventAction
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
				requestJSON(pr.Out.Header)
			}
		},
		Transport:      transport,
		FlushInterval:  -1,
		ErrorLog:       quiet,
		ModifyResponse: p.modifyResponse,
		ErrorHandler:   handleError,
	}
	p.server = &http.Server{Handler: p, ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	go func() { _ = p.server.Serve(listener) }() // it ends with Close and its error says nothing
	return p, nil
}

// URL is where the proxy listens.
func (p *Proxy) URL() string { return p.url }

// Close ends the proxy and all connections.
func (p *Proxy) Close() error { return p.server.Close() }

// Freeze holds the events of all watches back until Thaw. Requests go through.
func (p *Proxy) Freeze() { p.gate.close() }

// Thaw delivers the events that were held back.
func (p *Proxy) Thaw() { p.gate.open() }

type afterKey struct{}

// ServeHTTP applies the rules to one request, and passes it on.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := bodyOf(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	fault, hook := p.rules.Request(r, body)
	if fault != None {
		inject(w, r, fault)
		return
	}
	p.reverse.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), afterKey{}, hook)))
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

// modifyResponse applies the rules to a response of the server, and to the events of a watch.
func (p *Proxy) modifyResponse(resp *http.Response) error {
	r := resp.Request
	if hook, _ := r.Context().Value(afterKey{}).(ResponseHook); hook != nil {
		switch fault := hook(resp.StatusCode); fault {
		case None:
		case LateResponse:
			if err := sleep(r.Context(), responseDelay); err != nil {
				return errors.Join(err, resp.Body.Close())
			}
		default:
			return errors.Join(faultError{fault}, resp.Body.Close())
		}
	}
	if isWatch(r) && resp.StatusCode == http.StatusOK {
		resp.Body = p.copyWatch(r, resp.Body)
	}
	return nil
}

func isWatch(r *http.Request) bool {
	watch := r.URL.Query().Get("watch")
	return watch == "true" || watch == "1"
}

// requestJSON has the server send events as lines of plain JSON, which can be split.
func requestJSON(header http.Header) {
	header.Set("Accept-Encoding", "identity")
	var accepted []string
	for part := range strings.SplitSeq(header.Get("Accept"), ",") {
		if strings.Contains(part, "json") {
			accepted = append(accepted, part)
		}
	}
	if len(accepted) == 0 {
		// Clients of the kinds of Kubernetes itself ask for protobuf, and read what comes.
		accepted = []string{"application/json"}
	}
	header.Set("Accept", strings.Join(accepted, ","))
}
