package quorum

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"sync"
	"time"
)

const (
	// putTime is how long the cluster has to acknowledge an entry before the writer gives up on it.
	putTime = 3 * time.Second
	// lookTime is how long a member has to answer a read.
	lookTime = 2 * time.Second
	// auditTime is how long the cluster has to return all entries.
	auditTime = 5 * time.Second
)

// Options say how the writer behaves.
type Options struct {
	Members []Member
	// Pace is the time between two entries, two looks at the members, and two audits.
	Pace time.Duration
}

func (o Options) validate() error {
	if len(o.Members) == 0 {
		return errors.New("members is empty: it must be like etcd-0=http://etcd-0.etcd:2379")
	}
	for _, member := range o.Members {
		address, err := url.Parse(member.URL)
		if member.Name == "" || err != nil || address.Scheme != "http" || address.Host == "" {
			return fmt.Errorf("member %q has the address %q: it must be like etcd-0=http://etcd-0.etcd:2379", member.Name, member.URL)
		}
	}
	if o.Pace < 10*time.Millisecond || o.Pace > time.Minute {
		return fmt.Errorf("pace is %v: it must be from 10ms to 1m", o.Pace)
	}
	return nil
}

// Read is what a member answered to a read of all entries.
type Read struct {
	OK      bool   `json:"ok"`
	Error   string `json:"error"`
	Entries int    `json:"entries"`
}

// Look is what a member answered last: from what it has by itself, and with a majority's consent.
type Look struct {
	Serializable Read `json:"serializable"`
	Linearizable Read `json:"linearizable"`
}

// Streak are the entries in a row that went the same way while the same members answered.
type Streak struct {
	// Acknowledged tells which way: acknowledged, or else refused or unknown.
	Acknowledged bool `json:"acknowledged"`
	Count        int  `json:"count"`
	// Answering are the members that answer, at least by themselves.
	Answering []string `json:"answering"`
}

// State is all that the writer knows.
type State struct {
	Counts
	// Last says of the last entry what became of it.
	Last    string          `json:"last"`
	Streak  Streak          `json:"streak"`
	Members map[string]Look `json:"members"`
	Audit   Audit           `json:"audit"`
}

// Writer writes entries and reads them back.
type Writer struct {
	options Options
	ledger  *Ledger
	client  client
	out     io.Writer
	// first is the member that is asked first: the one that acknowledged the last entry.
	first int

	mu    sync.Mutex
	state State
}

// NewWriter makes a writer. An error says which option is out of bounds.
func NewWriter(options Options, ledger *Ledger, out io.Writer) (*Writer, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	return &Writer{options: options, ledger: ledger, client: newClient(), out: out, state: State{
		Last: "nothing was written yet", Streak: Streak{Answering: []string{}}, Members: map[string]Look{},
		Audit: Audit{Error: "nothing was read yet", FirstMissing: []int{}},
	}}, nil
}

// State returns what the writer knows at the moment.
func (w *Writer) State() State {
	counts := count(w.ledger.All())
	w.mu.Lock()
	defer w.mu.Unlock()
	state := w.state
	state.Counts = counts
	return state
}

// Run writes, looks and audits until the context ends.
func (w *Writer) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for _, step := range []func(context.Context) error{w.write, w.look, w.audit} {
		all.Go(func() {
			ticker := time.NewTicker(w.options.Pace)
			defer ticker.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
				}
				if err := step(ctx); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// write puts one entry. An error says that the ledger can't be kept.
func (w *Writer) write(ctx context.Context) error {
	number, err := w.ledger.Begin(unknown)
	if err != nil {
		return err
	}
	outcome, said := w.put(ctx, number)
	if ctx.Err() != nil {
		return nil // It stays unknown.
	}
	if err := w.ledger.End(number, outcome); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Last = said
	if streak := &w.state.Streak; streak.Acknowledged == (outcome > 0) {
		streak.Count++
	} else {
		streak.Acknowledged, streak.Count = outcome > 0, 1
		fmt.Fprintln(w.out, said)
	}
	return nil
}

// put asks one member after the other, for as long as each is sure to have written nothing.
func (w *Writer) put(ctx context.Context, number int) (outcome int64, said string) {
	ctx, cancel := context.WithTimeout(ctx, putTime)
	defer cancel()
	for i := range w.options.Members {
		at := (w.first + i) % len(w.options.Members)
		member := w.options.Members[at]
		revision, err := w.client.put(ctx, member, number)
		switch {
		case err == nil:
			w.first = at
			return revision, fmt.Sprintf("entry %d was acknowledged", number)
		case !definite(err):
			// Another member may know better next time.
			w.first = (at + 1) % len(w.options.Members)
			return unknown, fmt.Sprintf("what became of entry %d is unknown, %s says: %v", number, member.Name, err)
		}
		// What a member that answers says is worth more than that another is not there.
		var answered *refusal
		switch {
		case errors.As(err, &answered):
			said = fmt.Sprintf("entry %d was refused, %s says: %v", number, member.Name, err)
		case said == "":
			said = fmt.Sprintf("entry %d was refused, %s can't be reached: %v", number, member.Name, err)
		}
	}
	return refused, said
}

// look reads from every member.
func (w *Writer) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	looks := make([]Look, len(w.options.Members))
	var all sync.WaitGroup
	for i, member := range w.options.Members {
		all.Go(func() { looks[i].Serializable = w.read(ctx, member, true) })
		all.Go(func() { looks[i].Linearizable = w.read(ctx, member, false) })
	}
	all.Wait()
	members, answering := map[string]Look{}, []string{}
	for i, member := range w.options.Members {
		members[member.Name] = looks[i]
		if looks[i].Serializable.OK {
			answering = append(answering, member.Name)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Members = members
	if !slices.Equal(answering, w.state.Streak.Answering) {
		w.state.Streak.Answering, w.state.Streak.Count = answering, 0
	}
	return nil
}

func (w *Writer) read(ctx context.Context, member Member, serializable bool) Read {
	entries, err := w.client.count(ctx, member, serializable)
	if err != nil {
		return Read{Error: err.Error()}
	}
	return Read{OK: true, Entries: entries}
}

// audit reads all entries back and compares them with the ledger.
func (w *Writer) audit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, auditTime)
	defer cancel()
	outcomes := w.ledger.All()
	result := Audit{Error: "no member answers", FirstMissing: []int{}}
	for _, member := range w.options.Members {
		read, err := w.client.read(ctx, member)
		if err == nil {
			result = audit(outcomes, read)
			break
		}
		var answered *refusal
		if errors.As(err, &answered) {
			result.Error = answered.message
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Audit = result
	return nil
}
