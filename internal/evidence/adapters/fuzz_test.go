package adapters

import (
	"bytes"
	"context"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/text"
)

// maxAllocated is more than any probe needs to set aside, in bytes, however the server answers.
const maxAllocated = 32 << 20

// recording is a server that says the same to everyone, whatever it is asked, and hangs up.
type recording struct {
	net.Conn
	said *bytes.Reader
}

func (r *recording) Read(b []byte) (int, error)     { return r.said.Read(b) }
func (*recording) Write(b []byte) (int, error)      { return len(b), nil }
func (*recording) Close() error                     { return nil }
func (*recording) SetDeadline(time.Time) error      { return nil }
func (*recording) SetReadDeadline(time.Time) error  { return nil }
func (*recording) SetWriteDeadline(time.Time) error { return nil }
func (*recording) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*recording) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

// fuzzDialer reaches what dial makes.
type fuzzDialer struct {
	testDialer
	dial func() net.Conn
}

func (r *fuzzDialer) Dial(context.Context, probe.Endpoint) (net.Conn, error) { return r.dial(), nil }

// hear takes a probe at a recording.
func hear(t *testing.T, adapter probe.Adapter, spec *v1beta1.ProbeEvidence, said []byte) {
	t.Helper()
	try(t, adapter, spec, func() net.Conn { return &recording{said: bytes.NewReader(said)} })
}

// try takes a probe at a server: it must end, give plain values or a failure, and set aside little.
func try(t *testing.T, adapter probe.Adapter, spec *v1beta1.ProbeEvidence, dial func() net.Conn) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	began := time.Now()
	values, err := adapter.Probe(ctx, &fuzzDialer{testDialer{ports: map[string]int32{"server": 1}}, dial}, spec)
	if took := time.Since(began); took > grace {
		t.Errorf("it takes %s", took)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > maxAllocated {
		t.Errorf("%d KiB are set aside", allocated>>10)
	}
	if err != nil && failedWith(t, err).message == "" {
		t.Error("a failure says nothing")
	}
	mustBePlain(t, adapter.Name, values)
	if weight := evidence.Size(values, probe.MaxValue); weight > probe.MaxValue+probe.MaxText {
		t.Errorf("the values have %d bytes", weight)
	}
}

func FuzzRedisAnswers(f *testing.F) {
	for _, seed := range []string{
		"+OK\r\n$5\r\nhello\r\n*2\r\n$1\r\na\r\n:1\r\n", "$-1\r\n*-1\r\n-MOVED 1 a:1\r\n", "*1000000000\r\n", "$1000000000\r\n", "*400\r\n*400\r\n*400\r\n",
		"%1000000000\r\n", "|1000000000\r\n", ">2\r\n", "!9\r\n", "=9\r\n", "(1\r\n", "_\r\n", "$00000000000000000000000000000000001000000000\r\n", "\r\n", "\n", "+\n",
		"-LOADING\r\n-NOAUTH a\r\n-READONLY\r\n", "*2\r\n+a\n*0\r\n",
	} {
		f.Add([]byte(seed))
	}
	adapter := redisAdapter()
	spec := redisSpec(map[string]string{"a": "GET a", "b": "HGETALL b", "c": "INFO", "d": "CONFIG GET maxmemory"})
	f.Fuzz(func(t *testing.T, said []byte) {
		hear(t, adapter, spec, append([]byte("-ERR unknown command 'HELLO'\r\n"), said...))
	})
}

func FuzzRedisInfo(f *testing.F) {
	for _, seed := range []string{
		"# Server\r\nredis_version:7.4.0\r\nuptime:007\r\n", "db0:keys=1,expires=0\r\n", "a:=,=\nb:\n:c\n:", "a:9223372036854775808\n", "a:-0\na:+1\n", "\xff:\xff=\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, info string) {
		values := redisInfo(info)
		mustBePlain(t, "info", values)
		for key, value := range values {
			if strings.ContainsAny(key, ":\n") || !utf8.ValidString(key) {
				t.Errorf("%q is no key", key)
			}
			if strings.HasPrefix(key, "#") {
				t.Errorf("%q is a comment", key)
			}
			if value, ok := value.(string); ok && !strings.Contains(text.Valid(info), key+":"+value) {
				t.Errorf("%q is not said of %q", value, key)
			}
		}
	})
}

func FuzzSQLAnswers(f *testing.F) {
	greeting := "R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I" + "C\x00\x00\x00\x0aBEGIN\x00Z\x00\x00\x00\x05T"
	prepared := "1\x00\x00\x00\x042\x00\x00\x00\x04T\x00\x00\x00\x1a\x00\x01a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x19\xff\xff\xff\xff\xff\xff\x00\x00"
	for _, seed := range []string{
		"", "R\x00\x00\x00\x08\x00\x00\x00\x00", "R\x00\x00\x00\x08\x00\x00\x00\x03", "R\x00\x00\x00\x0c\x00\x00\x00\x051234",
		"R\x00\x00\x00\x17\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00", "R\x7f\xff\xff\xff", "E\x00\x00\x00\x15SFATAL\x00C28P01\x00Mno\x00\x00",
		"E\x00\x00\x00\x0bC\xff\xff\xff\xff\xff", "N\x00\x00\x00\x05\x00", "S\x00\x00\x00\x08a\x00b\x00", "v\x00\x00\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00",
		greeting, greeting + prepared, greeting + prepared + "D\x00\x00\x00\x0b\x00\x01\x00\x00\x00\x01aC\x00\x00\x00\x0dSELECT 1\x00Z\x00\x00\x00\x05T",
		greeting + prepared + "D\x00\x00\x00\x06\x7f\xff", greeting + "T\x00\x00\x00\x06\x7f\xff", greeting + "G\x00\x00\x00\x07\x00\x00\x00",
		greeting + "D\x00\x00\x00\x06\x00\x00D\x00\x00\x00\x06\x00\x00",
	} {
		f.Add([]byte(seed))
	}
	adapter, spec := sqlAdapter(), sqlSpec("SELECT a FROM b")
	f.Fuzz(func(t *testing.T, said []byte) { hear(t, adapter, spec, said) })
}

func FuzzSQLValue(f *testing.F) {
	for oid, seeds := range map[uint32][]string{
		pgBool: {"t", "f", "true"}, pgInt8: {"-9223372036854775808", "9223372036854775808", "1_000"}, pgNumeric: {"1.5", "1e400", "NaN", "-Infinity", "0x1p4"},
		pgTimestamptz: {"2026-11-23 13:43:38.123456+00", "2026-11-23 19:13:38+05:30", "0001-01-01 00:00:00+00 BC", "infinity", "0000-00-00 00:00:00+00"},
		pgJSONB:       {`{"a": [1, 2.5, "\u0000", null]}`, `1e999`, `{`, ``, strings.Repeat("[", 9999)}, 25: {"text", "\xff"},
	} {
		for _, seed := range seeds {
			f.Add(oid, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, oid uint32, cell []byte) {
		value := sqlValue(oid, cell)
		mustBePlain(t, "value", value)
		switch v := value.(type) {
		case string:
			if oid != pgJSON && oid != pgJSONB && v != text.Valid(string(cell)) {
				t.Errorf("%q became %q", cell, v)
			}
		case nil:
			if cell != nil && strings.TrimSpace(string(cell)) != "null" && oid != pgJSON && oid != pgJSONB {
				t.Errorf("%q became nothing", cell)
			}
		}
	})
}

func FuzzKafkaAnswers(f *testing.F) {
	keys := []kmsg.Key{
		kmsg.ApiVersions, kmsg.Metadata, kmsg.FindCoordinator, kmsg.ListOffsets, kmsg.OffsetFetch, kmsg.DescribeGroups, kmsg.ConsumerGroupDescribe,
	}
	honest := &kafkaBroker{host: "127.0.0.1", port: 1}
	for i, key := range keys {
		version, _ := kafkaVersions().LookupMaxKeyVersion(key.Int16())
		f.Add(byte(i), honest.answer(key, version))
		f.Add(byte(i), []byte{})
		f.Add(byte(i), announcing(100_000))
	}
	adapter, spec := kafkaAdapter(), kafkaSpec([]string{"orders"}, []string{"billing"})
	f.Fuzz(func(t *testing.T, i byte, words []byte) {
		broker := &kafkaBroker{host: "127.0.0.1", port: 1, answers: map[kmsg.Key][]byte{keys[int(i)%len(keys)]: words}}
		try(t, adapter, spec, func() net.Conn {
			near, far := net.Pipe()
			go func() {
				defer far.Close()
				broker.serve(context.Background(), far)
			}()
			return near
		})
	})
}

func FuzzKafkaTags(f *testing.F) {
	f.Add((&kafkaBroker{}).consumerGroup().AppendTo(nil))
	f.Add([]byte("\x00\x00\x00\x00\x01\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		read := &consumerGroupResponse{kmsg.NewPtrConsumerGroupDescribeResponse()}
		if read.ReadFrom(answer) != nil {
			return
		}
		if again := read.AppendTo(nil); read.UnknownTags.Len() > 0 || len(again) > len(answer) {
			t.Errorf("%x is read as %x", answer, again)
		}
	})
}
