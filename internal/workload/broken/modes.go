package broken

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
)

// mode is a way to misbehave.
type mode struct {
	name, help string
	// misbehave deals with one connection and returns when it is done with it; the server then closes it.
	misbehave func(net.Conn) error
}

// modes are all there are.
var modes = []mode{
	{"slow", "reading what it is asked and never answering", readOnly},
	{"garbage", "answering everything with the same bytes, which mean nothing", answerGarbage},
	{"huge", "beginning an answer that is said to have two gigabytes, and never ending it", answerHuge},
	{"huge-http", "answering HTTP requests with a body that never ends", answerHugeHTTP},
	{"close", "closing every connection at once", func(net.Conn) error { return nil }},
	{"http-500", "answering HTTP requests with 500", answer500},
}

func modeNames() []string {
	names := make([]string, 0, len(modes))
	for _, mode := range modes {
		names = append(names, mode.name)
	}
	return names
}

// garbage looks random and is the same every time, so that a test which fails fails again.
var garbage = func() []byte {
	source := rand.New(rand.NewPCG(1, 1))
	noise := make([]byte, 256)
	for i := range noise {
		noise[i] = byte(source.Uint32())
	}
	return noise
}()

// filler is what the answers that never end are made of.
var filler = bytes.Repeat([]byte("x"), 32<<10)

func readOnly(connection net.Conn) error {
	_, err := io.Copy(io.Discard, connection)
	return err
}

func answerGarbage(connection net.Conn) error {
	question := make([]byte, 4<<10)
	for {
		if _, err := connection.Read(question); err != nil {
			return err
		}
		if _, err := connection.Write(garbage); err != nil {
			return err
		}
	}
}

// answerHuge answers in the client's own language as far as a careless client needs it to make room for the rest.
func answerHuge(connection net.Conn) error {
	question := make([]byte, 4<<10)
	for {
		n, err := connection.Read(question)
		if err != nil {
			return err
		}
		answer, more := promise(question[:n])
		if _, err := connection.Write(answer); err != nil {
			return err
		}
		if !more {
			return fill(connection)
		}
	}
}

func answerHugeHTTP(connection net.Conn) error {
	return answerHTTP(connection, hugeHTTP, fill)
}

func answer500(connection net.Conn) error {
	return answerHTTP(connection, "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nbroken\n",
		func(net.Conn) error { return nil })
}

// answerHTTP gives each request the same answer, and does what follows it.
func answerHTTP(connection net.Conn, answer string, then func(net.Conn) error) error {
	requests := bufio.NewReader(connection)
	for {
		request, err := http.ReadRequest(requests)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return err
		}
		if _, err := io.WriteString(connection, answer); err != nil {
			return err
		}
		if err := then(connection); err != nil {
			return err
		}
	}
}

// fill writes until the client has had enough. A client that doesn't read stops it.
func fill(connection net.Conn) error {
	for {
		if _, err := connection.Write(filler); err != nil {
			return err
		}
	}
}
