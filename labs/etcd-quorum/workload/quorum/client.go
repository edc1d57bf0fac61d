package quorum

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// prefix is what the keys of all entries begin with, and prefixEnd the first key after them.
	prefix, prefixEnd = "entries/", "entries0"
	// dialTime is how long a member may take to accept a connection.
	dialTime = time.Second
	// maxAnswer is how much of an answer is read, in bytes.
	maxAnswer = 16 << 20
)

// Member is a member of the cluster and where its clients find it.
type Member struct{ Name, URL string }

// refusal is what a member answered in place of doing what it was asked for.
type refusal struct{ message string }

func (r *refusal) Error() string { return r.message }

// unreached says that a request was never sent.
type unreached struct{ error }

func (u *unreached) Unwrap() error { return u.error }

// definite tells whether an error leaves no doubt that nothing was written. A time-out does: the entry may be in the log
// of a member already, and be committed later.
func definite(err error) bool {
	var not *unreached
	if errors.As(err, &not) {
		return true
	}
	var refused *refusal
	return errors.As(err, &refused) && slices.Contains([]string{
		"etcdserver: no leader", "etcdserver: too many requests", "etcdserver: mvcc: database space exceeded",
	}, refused.message)
}

// client talks to the JSON gateway of etcd.
type client struct{ http *http.Client }

func newClient() client {
	dialer := net.Dialer{Timeout: dialTime}
	return client{&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			connection, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, &unreached{err}
			}
			return connection, nil
		},
		// A pod that is gone does not close its connections: none is kept for the request after.
		DisableKeepAlives: true,
	}}}
}

// call asks a member for something. With needLeader it refuses at once where it knows of no leader.
func (c client) call(ctx context.Context, member Member, path string, asked, answer any, needLeader bool) error {
	body, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, member.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if needLeader {
		request.Header.Set("Grpc-Metadata-hasleader", "true")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return short(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		var said struct{ Message, Error string }
		if json.Unmarshal(text, &said) != nil || said.Message+said.Error == "" {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		if said.Message == "" {
			said.Message = said.Error
		}
		return &refusal{said.Message}
	}
	return json.Unmarshal(text, answer)
}

// short leaves out what every error of a request begins with, and says in a few words why a member was not reached.
func short(err error) error {
	var not *unreached
	var name *net.DNSError
	switch {
	case errors.As(err, &name) && name.IsNotFound && errors.As(err, &not):
		return &unreached{fmt.Errorf("no pod has the name %s", name.Name)}
	case errors.As(err, &not) && errors.Is(err, syscall.ECONNREFUSED):
		return &unreached{errors.New("connection refused")}
	case errors.As(err, &not):
		return not
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer in time")
	}
	return err
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// put writes an entry, and returns the revision that it got.
func (c client) put(ctx context.Context, member Member, number int) (revision int64, err error) {
	var answer struct {
		Header struct {
			Revision int64 `json:"revision,string"`
		} `json:"header"`
	}
	asked := map[string]string{"key": encode(fmt.Sprintf("%s%06d", prefix, number)), "value": encode("entry " + strconv.Itoa(number))}
	if err := c.call(ctx, member, "/v3/kv/put", asked, &answer, true); err != nil {
		return 0, err
	}
	if answer.Header.Revision <= 0 {
		return 0, errors.New("an answer without a revision")
	}
	return answer.Header.Revision, nil
}

// every is a range of all entries. A serializable one is answered by the member from what it has; any other it answers
// only after a majority has confirmed that it is up to date.
func every(serializable bool, more string) map[string]any {
	return map[string]any{"key": encode(prefix), "range_end": encode(prefixEnd), "serializable": serializable, more: true}
}

// count returns how many entries a member has.
func (c client) count(ctx context.Context, member Member, serializable bool) (int, error) {
	var answer struct {
		Count int `json:"count,string"`
	}
	err := c.call(ctx, member, "/v3/kv/range", every(serializable, "count_only"), &answer, false)
	return answer.Count, err
}

// read returns the revisions at which all entries were written, by their numbers.
func (c client) read(ctx context.Context, member Member) (map[int]int64, error) {
	var answer struct {
		KVs []struct {
			Key     []byte `json:"key"`
			Created int64  `json:"create_revision,string"`
		} `json:"kvs"`
	}
	if err := c.call(ctx, member, "/v3/kv/range", every(false, "keys_only"), &answer, true); err != nil {
		return nil, err
	}
	revisions := make(map[int]int64, len(answer.KVs))
	for _, kv := range answer.KVs {
		if number, err := strconv.Atoi(strings.TrimPrefix(string(kv.Key), prefix)); err == nil {
			revisions[number] = kv.Created
		}
	}
	return revisions, nil
}
