package adapters

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

func TestRedisAnswersThatAreTooMuch(t *testing.T) {
	tests := map[string]struct {
		command, answer string
		want            failed
	}{
		"a text that is announced": {answer: "$1000000000\r\n", want: failed{probe.TooLarge, "server:1234 answers with a text of more than 64 KiB"}},
		"a list that is announced": {answer: "*1000000000\r\n", want: failed{probe.TooLarge, "server:1234 answers with more than 200 items"}},
		"lists in lists without end": {
			answer: strings.Repeat("*400\r\n", 1000), want: failed{probe.TooLarge, "server:1234 answers with lists in more than 6 lists"},
		},
		"a length of many digits":  {answer: "$" + strings.Repeat("0", 40) + "1000000000\r\n", want: notRedis},
		"a length below nothing":   {answer: "*-2\r\n", want: notRedis},
		"a map of a newer version": {answer: "%1000000000\r\n", want: notRedis},
		"a line without end": {
			answer: "+" + strings.Repeat("a", 2<<20), want: failed{probe.TooLarge, "server:1234 answers with more than 1024 KiB"},
		},
		"a list of some items more than are read": {
			answer: "*201\r\n" + strings.Repeat(":1\r\n", 201), want: failed{probe.TooLarge, "server:1234 answers GET with more than 200 items"},
		},
		"a hash of some items more than are read": {
			command: "HGETALL a", answer: "*402\r\n" + strings.Repeat(":1\r\n", 402), want: failed{probe.TooLarge, "server:1234 answers with more than 200 items"},
		},
		"a list of long texts": {
			answer: "*10\r\n" + strings.Repeat(bulk(strings.Repeat("a", 60<<10)), 10), want: failed{probe.TooLarge, "server:1234 answers with more than 256 KiB"},
		},
		"a hash whose names are no texts": {
			command: "HGETALL a", answer: "*2\r\n*0\r\n:1\r\n", want: failed{probe.Malformed, "server:1234 answers HGETALL with a name that is no text"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dialer := reaching(t, scripted(t, "+PONG\r\n", tc.answer))
			if tc.command == "" {
				tc.command = "GET a"
			}
			got, err := probeOnce(t, redisAdapter(), dialer, redisSpec(map[string]string{"a": "PING", "b": tc.command}), patient)
			if diff := cmp.Diff(tc.want, failedWith(t, err), cmp.AllowUnexported(failed{})); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]any{"replies": map[string]any{"a": "PONG"}, "errors": map[string]any{}}, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("what was read before (-want +got):\n%s", diff)
			}
			if read := dialer.read.Load(); read > maxRead+64<<10 {
				t.Errorf("%d bytes were read", read)
			}
		})
	}
}

var notRedis = failed{probe.Malformed, "server:1234 gives an answer that is not understood: it is not in the protocol of Redis"}
