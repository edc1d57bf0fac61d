package broken

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// start runs a server in a mode and returns its address. It ends with the test, and must.
func start(t *testing.T, mode string) string {
	t.Helper()
	server, err := New(mode)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-result; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().String()
}

// dial connects and says something. What doesn't come within the minute never does.
func dial(t *testing.T, address, question string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, question); err != nil {
		t.Fatal(err)
	}
	return connection
}

func TestSlowNeverAnswers(t *testing.T) {
	connection := dial(t, start(t, "slow"), "PING\r\n")
	if err := connection.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if n, err := connection.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("read %d bytes, %v; want nothing in time", n, err)
	}
}

func TestGarbageIsTheSameForEveryQuestion(t *testing.T) {
	connection := dial(t, start(t, "garbage"), "PING\r\n")
	var answers [2][]byte
	for i := range answers {
		answers[i] = make([]byte, len(garbage))
		if _, err := io.ReadFull(connection, answers[i]); err != nil {
			t.Fatalf("answer %d: %v", i+1, err)
		}
		if _, err := io.WriteString(connection, "PING\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
		t.Errorf("the second answer (-first +second):\n%s", diff)
	}
	if bytes.Contains(answers[0], []byte("PING")) {
		t.Error("the garbage has what was asked in it")
	}
}

func TestHugeNeverEnds(t *testing.T) {
	for name, tc := range map[string]struct{ mode, question, begin string }{
		"redis":              {"huge", "*1\r\n$4\r\nPING\r\n", "$2147483647\r\nxxxx"},
		"postgresql":         {"huge", "\x00\x00\x00\x08\x00\x03\x00\x00", "N\x7f\xff\xff\xffxxxx"},
		"kafka":              {"huge", "\x00\x00\x00\x0a\x00\x12\x00\x03\x00\x00\x00\x01\xff\xff", "\x7f\xff\xff\xffxxxx"},
		"HTTP":               {"huge", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", hugeHTTP + "xxxx"},
		"HTTP by its mode":   {"huge-http", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", hugeHTTP + "xxxx"},
		"HTTP with its body": {"huge-http", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", hugeHTTP + "xxxx"},
	} {
		t.Run(name, func(t *testing.T) {
			connection := dial(t, start(t, tc.mode), tc.question)
			begin := make([]byte, len(tc.begin))
			if _, err := io.ReadFull(connection, begin); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.begin, string(begin)); diff != "" {
				t.Errorf("the answer begins (-want +got):\n%s", diff)
			}
			const plenty = 64 << 20
			if n, err := io.CopyN(io.Discard, connection, plenty); err != nil {
				t.Errorf("it ended after %d bytes: %v", n, err)
			}
		})
	}
}

func TestPostgresIsToldToAskWithoutEncryption(t *testing.T) {
	connection := dial(t, start(t, "huge"), "\x00\x00\x00\x08\x04\xd2\x16\x2f")
	answer := make([]byte, 1)
	if _, err := io.ReadFull(connection, answer); err != nil || answer[0] != 'N' {
		t.Fatalf("answer %q, %v; want N", answer, err)
	}
	if _, err := io.WriteString(connection, "\x00\x00\x00\x08\x00\x03\x00\x00"); err != nil {
		t.Fatal(err)
	}
	begin := make([]byte, 6)
	if _, err := io.ReadFull(connection, begin); err != nil || string(begin) != "N\x7f\xff\xff\xffx" {
		t.Errorf("answer begins %q, %v", begin, err)
	}
}

func TestCloseClosesAtOnce(t *testing.T) {
	connection := dial(t, start(t, "close"), "")
	if n, err := connection.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read %d bytes, %v; want the end", n, err)
	}
}

func TestHTTP500AnswersEveryRequest(t *testing.T) {
	url := "http://" + start(t, "http-500")
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for range 2 {
		response, err := client.Post(url, "text/plain", strings.NewReader("a question"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusInternalServerError || string(body) != "broken\n" {
			t.Errorf("answered %s, %q, %v", response.Status, body, err)
		}
		_ = response.Body.Close()
	}
}

func TestStoppingEndsEveryConnection(t *testing.T) {
	server, err := New("slow")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- server.Serve(ctx, listener) }()
	connection := dial(t, listener.Addr().String(), "PING\r\n")
	stop()
	if err := <-result; err != nil {
		t.Errorf("Serve: %v", err)
	}
	var timeout net.Error
	if n, err := connection.Read(make([]byte, 1)); err == nil || (errors.As(err, &timeout) && timeout.Timeout()) {
		t.Errorf("read %d bytes, %v; want the connection to be closed", n, err)
	}
}

func TestModesAreKnown(t *testing.T) {
	const want = `mode is "odd": it must be one of slow, garbage, huge, huge-http, close, http-500`
	if _, err := New("odd"); err == nil || err.Error() != want {
		t.Errorf("New: %v, want %s", err, want)
	}
}
