package adapters

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

func redisSpec(commands map[string]string) *v1beta1.ProbeEvidence {
	return &v1beta1.ProbeEvidence{Target: theServer(), Redis: &v1beta1.RedisEvidence{Commands: commands}}
}

func TestRedisReplies(t *testing.T) {
	server := miniredis.RunT(t)
	_, errJobs := server.Push("jobs", "a", "b")
	_, errTags := server.SAdd("tags", "x")
	_, errScores := server.ZAdd("scores", 1.5, "ada")
	if err := errors.Join(
		server.Set("greeting", "hello"), server.Set("garbled", "a\xffb"), server.Set("visits", "12"), errJobs, errTags, errScores,
	); err != nil {
		t.Fatal(err)
	}
	server.SetTTL("visits", time.Minute)
	server.HSet("user", "name", "ada", "age", "36")
	tests := map[string]struct {
		command string
		want    any
	}{
		"text":                   {"GET greeting", "hello"},
		"text that is no UTF-8":  {"GET garbled", "a\uFFFDb"},
		"nothing":                {"GET nobody", nil},
		"words in any case":      {"  get   greeting ", "hello"},
		"some and none":          {"MGET greeting nobody", []any{"hello", nil}},
		"a number":               {"LLEN jobs", int64(2)},
		"a list":                 {"LRANGE jobs 0 -1", []any{"a", "b"}},
		"a list of nothing":      {"LRANGE nobody 0 -1", []any{}},
		"a hash":                 {"HGETALL user", map[string]any{"name": "ada", "age": "36"}},
		"a hash of nothing":      {"HGETALL nobody", map[string]any{}},
		"a time":                 {"TTL visits", int64(60)},
		"a status":               {"TYPE tags", "set"},
		"a score":                {"ZSCORE scores ada", "1.5"},
		"pong":                   {"PING", "PONG"},
		"the number of all keys": {"DBSIZE", int64(7)},
	}
	commands, want := map[string]string{}, map[string]any{}
	names := map[string]string{}
	for name, tc := range tests {
		id := fmt.Sprintf("c%d", len(commands))
		commands[id], want[id], names[id] = tc.command, tc.want, name
	}
	dialer := reaching(t, server.Addr())
	got, err := probeOnce(t, redisAdapter(), dialer, redisSpec(commands), patient)
	if err != nil {
		t.Fatal(err)
	}
	replies := got["replies"].(map[string]any)
	for id, want := range want {
		if diff := cmp.Diff(want, replies[id]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", names[id], diff)
		}
	}
	if diff := cmp.Diff(map[string]any{}, got["errors"]); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if dialed := dialer.dialed.Load(); dialed != 1 {
		t.Errorf("%d connections were made", dialed)
	}
}

func TestRedisErrorsOfSingleCommands(t *testing.T) {
	server := miniredis.RunT(t)
	if err := server.Set("greeting", "hello"); err != nil {
		t.Fatal(err)
	}
	got, err := probeOnce(t, redisAdapter(), reaching(t, server.Addr()), redisSpec(map[string]string{
		"greeting": "GET greeting", "length": "LLEN greeting", "write": "SET greeting bye",
	}), patient)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"greeting": "hello"}, got["replies"]); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	want := map[string]any{
		"length": "WRONGTYPE Operation against a key holding the wrong kind of value",
		"write":  CommandProblem("SET greeting bye"),
	}
	if diff := cmp.Diff(want, got["errors"]); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if value, _ := server.Get("greeting"); value != "hello" {
		t.Errorf("a probe wrote %q", value)
	}
}

func TestRedisLogin(t *testing.T) {
	tests := map[string]struct {
		protect func(*miniredis.Miniredis)
		secret  map[string][]byte
		want    failed
	}{
		"the right password":          {protect: requirePass, secret: login("", "s3cret")},
		"the right user and password": {protect: requireUser, secret: login("app", "s3cret")},
		"a wrong password": {
			protect: requirePass, secret: login("", "wr0ng"),
			want: failed{probe.Unauthorized, "server:1234 does not accept the password of Secret login"},
		},
		"a wrong user": {
			protect: requireUser, secret: login("nobody", "s3cret"),
			want: failed{probe.Unauthorized, "server:1234 does not accept the password of Secret login"},
		},
		"no password": {
			protect: requirePass,
			want:    failed{probe.Unauthorized, "server:1234 answers nothing without a password"},
		},
		"a Secret without a password": {
			protect: requirePass, secret: map[string][]byte{"pass": []byte("s3cret")},
			want: failed{probe.NotFound, "Secret login has no key password"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			server := miniredis.RunT(t)
			tc.protect(server)
			dialer := reaching(t, server.Addr())
			spec := redisSpec(map[string]string{"ping": "PING"})
			if tc.secret != nil {
				dialer.secrets = map[string]map[string][]byte{"login": tc.secret}
				spec.Redis.Secret = "login"
			}
			got, err := probeOnce(t, redisAdapter(), dialer, spec, patient)
			if diff := cmp.Diff(tc.want, failedWith(t, err), cmp.AllowUnexported(failed{})); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if replies, _ := got["replies"].(map[string]any); (replies["ping"] == "PONG") != (err == nil) {
				t.Errorf("PING is answered with %v", replies["ping"])
			}
		})
	}
}

func requirePass(server *miniredis.Miniredis) { server.RequireAuth("s3cret") }
func requireUser(server *miniredis.Miniredis) { server.RequireUserAuth("app", "s3cret") }

func login(username, password string) map[string][]byte {
	data := map[string][]byte{"password": []byte(password)}
	if username != "" {
		data["username"] = []byte(username)
	}
	return data
}

// scripted answers each command with the next of some answers, word for word. The first command is the client's own.
func scripted(t *testing.T, answers ...string) string {
	return serve(t, func(_ context.Context, conn net.Conn) {
		in := bufio.NewReader(conn)
		for _, answer := range append([]string{"-ERR unknown command 'HELLO'\r\n"}, answers...) {
			if readCommand(in) != nil {
				return
			}
			if _, err := io.WriteString(conn, answer); err != nil {
				return
			}
		}
		readCommand(in) //nolint:errcheck // until it is closed
	})
}

// readCommand reads a list of texts.
func readCommand(in *bufio.Reader) error {
	var count, length int
	if _, err := fmt.Fscanf(in, "*%d\r\n", &count); err != nil {
		return err
	}
	for range count {
		if _, err := fmt.Fscanf(in, "$%d\r\n", &length); err != nil {
			return err
		}
		if _, err := in.Discard(length + len("\r\n")); err != nil {
			return err
		}
	}
	return nil
}

func TestRedisAnswersOfRealServers(t *testing.T) {
	info := "# Replication\r\nrole:master\r\nconnected_slaves:1\r\nslave0:ip=10.0.0.7,port=6379,state=online,offset=14,lag=0\r\n" +
		"master_replid:8371445ee67e0f1b3a1b0c5a\r\nbuild:0012\r\nratio:1.25\r\nempty:\r\n\r\n# Keyspace\r\ndb0:keys=5,expires=0,avg_ttl=0\r\n"
	tests := map[string]struct {
		command, answer string
		want            any
		wantError       string
	}{
		"the lines of INFO": {command: "INFO", answer: bulk(info), want: map[string]any{
			"role": "master", "connected_slaves": int64(1), "master_replid": "8371445ee67e0f1b3a1b0c5a", "build": "0012", "ratio": "1.25", "empty": "",
			"slave0": map[string]any{"ip": "10.0.0.7", "port": int64(6379), "state": "online", "offset": int64(14), "lag": int64(0)},
			"db0":    map[string]any{"keys": int64(5), "expires": int64(0), "avg_ttl": int64(0)},
		}},
		"the lines of CLUSTER INFO": {command: "CLUSTER INFO", answer: bulk("cluster_state:ok\r\ncluster_slots_ok:16384\r\n"), want: map[string]any{
			"cluster_state": "ok", "cluster_slots_ok": int64(16384),
		}},
		"a setting": {command: "CONFIG GET maxmemory-policy", answer: "*2\r\n$16\r\nmaxmemory-policy\r\n$10\r\nnoeviction\r\n", want: map[string]any{
			"maxmemory-policy": "noeviction",
		}},
		"lists in lists": {command: "CLUSTER SLOTS", answer: "*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n$8\r\n10.0.0.7\r\n:6379\r\n$2\r\nid\r\n*0\r\n", want: []any{
			[]any{int64(0), int64(16383), []any{"10.0.0.7", int64(6379), "id", []any{}}},
		}},
		"a list of no list":          {command: "ROLE", answer: "*-1\r\n", want: nil},
		"an error in a list":         {command: "MGET a b", answer: "*2\r\n-ERR a\r\n$1\r\nb\r\n", want: []any{"ERR a", "b"}},
		"a cluster that is down":     {command: "GET a", answer: "-CLUSTERDOWN Hash slot not served\r\n", wantError: "CLUSTERDOWN Hash slot not served"},
		"a key that is elsewhere":    {command: "GET a", answer: "-MOVED 15495 10.0.0.8:6379\r\n", wantError: "MOVED 15495 10.0.0.8:6379"},
		"a server that is loading":   {command: "GET a", answer: "-LOADING Redis is loading the dataset in memory\r\n", wantError: "LOADING Redis is loading the dataset in memory"},
		"a right that is missing":    {command: "GET a", answer: "-NOPERM this user has no permissions\r\n", wantError: "NOPERM this user has no permissions"},
		"a replica without a master": {command: "GET a", answer: "-MASTERDOWN Link with MASTER is down\r\n", wantError: "MASTERDOWN Link with MASTER is down"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			// What comes after an answer is an answer of its own.
			dialer := reaching(t, scripted(t, tc.answer, "+PONG\r\n"))
			got, err := probeOnce(t, redisAdapter(), dialer, redisSpec(map[string]string{"a": tc.command, "b": "PING"}), patient)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]any{"replies": map[string]any{"b": "PONG"}, "errors": map[string]any{}}
			if tc.wantError != "" {
				want["errors"].(map[string]any)["a"] = tc.wantError
			} else {
				want["replies"].(map[string]any)["a"] = tc.want
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func bulk(text string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text) }

func TestCommandProblem(t *testing.T) {
	tests := map[string]struct{ command, want string }{
		"one that reads":                {"GET greeting", ""},
		"one of two words":              {"cluster info", ""},
		"all of INFO":                   {"INFO", ""},
		"a part of INFO":                {"INFO replication", ""},
		"a setting":                     {"CONFIG GET maxmemory", ""},
		"nothing":                       {"  ", "the command has no words: write one that reads, as in GET greeting"},
		"a word too few":                {"GET", "GET has 1 words: it takes 2"},
		"a word too many":               {"EXISTS" + strings.Repeat(" a", 17), "EXISTS has 18 words: it takes 2 to 17"},
		"a password":                    {"CONFIG GET requirepass", "CONFIG GET names one setting, and none that holds a password"},
		"a password among all settings": {"CONFIG GET *", "CONFIG GET names one setting, and none that holds a password"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := CommandProblem(tc.command); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	for _, command := range []string{
		"SET a b", "DEL a", "EVAL x 0", "KEYS *", "SCAN 0", "BLPOP a 0", "SUBSCRIBE a", "MONITOR", "DEBUG SLEEP 9", "CONFIG SET a b", "CLUSTER RESET",
		"CLUSTER", "MEMORY PURGE", "OBJECT HELP", "FLUSHALL", "AUTH a", "HELLO 3", "SHUTDOWN", "XREAD BLOCK 0 STREAMS a $", "SORT a STORE b",
	} {
		if problem := CommandProblem(command); !strings.Contains(problem, "is none of the commands that may be sent: CLUSTER INFO, ") {
			t.Errorf("%s: got %q", command, problem)
		}
	}
}
