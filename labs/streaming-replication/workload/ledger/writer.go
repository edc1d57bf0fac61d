package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

const (
	// attemptTime is how long an entry may take from the connection to the confirmed commit before the writer gives up on it.
	attemptTime = 4 * time.Second
	// lookTime is how long a server has to answer a read, auditTime how long for all entries.
	lookTime, auditTime = 2 * time.Second, 10 * time.Second
	// closeTime is how long a server has to hear that a connection ends.
	closeTime = 500 * time.Millisecond
	// summaryTime is how often the log says how things stand.
	summaryTime = 10 * time.Second
)

// Database is a server and where its clients find it.
type Database struct{ Name, Address string }

// Options say how the writer behaves.
type Options struct {
	// Leader is where the writes go, whoever answers there.
	Leader   string
	Servers  []Database
	Database string
	// Pace is the time between two entries.
	Pace time.Duration
}

func (o Options) validate() error {
	if _, _, err := net.SplitHostPort(o.Leader); err != nil {
		return fmt.Errorf("leader is %q: it must be like primary:5432", o.Leader)
	}
	for _, server := range o.Servers {
		if _, _, err := net.SplitHostPort(server.Address); err != nil || server.Name == "" {
			return fmt.Errorf("server %q has the address %q: it must be like alpha=alpha:5432", server.Name, server.Address)
		}
	}
	if o.Database == "" {
		return errors.New("database is empty")
	}
	if o.Pace < 10*time.Millisecond || o.Pace > time.Minute {
		return fmt.Errorf("pace is %v: it must be from 10ms to 1m", o.Pace)
	}
	return nil
}

// Look is what a server answered last.
type Look struct {
	OK         bool   `json:"ok"`
	Error      string `json:"error"`
	Recovering bool   `json:"recovering"`
	// Entries is how many it shows, and Behind how many that were acknowledged before it was asked are later than the last one of
	// the ledger's that it shows.
	Entries int `json:"entries"`
	Behind  int `json:"behind"`
}

// State is all that the writer knows.
type State struct {
	Counts
	// Last says of the last entry what became of it.
	Last string `json:"last"`
	// Mode is synchronous_commit as the leader last told it to the writer.
	Mode    string          `json:"mode"`
	Streak  Streak          `json:"streak"`
	Reigns  []Reign         `json:"reigns"`
	Servers map[string]Look `json:"servers"`
	Audit   Audit           `json:"audit"`
}

// Writer writes entries and reads them back.
type Writer struct {
	options Options
	ledger  *Ledger
	out     io.Writer

	mu    sync.Mutex
	state State
	// before is what became of the entry before the last one, told is when that was last said.
	before record
	told   time.Time
}

// NewWriter makes a writer. An error says which option is out of bounds.
func NewWriter(options Options, ledger *Ledger, out io.Writer) (*Writer, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	return &Writer{options: options, ledger: ledger, out: out, state: State{
		Last: "nothing was written yet", Servers: map[string]Look{},
		Audit: Audit{Error: "nothing was read yet", FirstMissing: []int{}},
	}}, nil
}

// State returns what the writer knows at the moment.
func (w *Writer) State() State {
	records := w.ledger.All()
	w.mu.Lock()
	defer w.mu.Unlock()
	state := w.state
	state.Counts, state.Reigns = count(records)
	state.Streak = streak(records)
	return state
}

// Run writes, looks and audits until the context ends.
func (w *Writer) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for _, part := range []struct {
		step func(context.Context) error
		pace time.Duration
	}{{w.write, w.options.Pace}, {w.look, 2 * w.options.Pace}, {w.audit, 2 * w.options.Pace}} {
		all.Go(func() {
			for wait := part.pace; ; {
				select {
				case <-ctx.Done():
					return
				case <-time.After(wait):
				}
				began := time.Now()
				if err := part.step(ctx); err != nil {
					cancel(err)
				}
				// What takes long, as reading does the more there is to read, shall not keep the server busy.
				took := time.Since(began)
				wait = max(part.pace-took, took/4)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// write commits one entry. An error says that the ledger can't be kept.
func (w *Writer) write(ctx context.Context) error {
	token := rand.Uint64() //nolint:gosec // it keeps no secret
	number, err := w.ledger.Begin(record{token: token})
	if err != nil {
		return err
	}
	became, mode, said := w.attempt(ctx, number, token)
	if ctx.Err() != nil {
		return nil // It stays unknown.
	}
	if err := w.ledger.End(number, became); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Last, w.state.Mode = said, mode
	before := w.before
	w.before = became
	if before.outcome != became.outcome || before.history != became.history || before.guarded != became.guarded || time.Since(w.told) > summaryTime {
		w.told = time.Now()
		audit := w.state.Audit
		fmt.Fprintf(w.out, "%s; %d of %d acknowledged entries missing when last read, %d stored that were never acknowledged\n",
			said, audit.Missing, audit.Audited, audit.UnknownStored+audit.RefusedStored)
	}
	return nil
}

// attempt asks the leader once for one entry.
func (w *Writer) attempt(ctx context.Context, number int, token uint64) (became record, mode, said string) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	became = record{token: token, outcome: refused}
	// As long as the commit was not asked for, nothing is written.
	not := func(err error) (record, string, string) {
		return became, mode, fmt.Sprintf("entry %d was refused: %s", number, short(err))
	}
	s, err := open(ctx, w.options.Leader, w.options.Database)
	if err != nil {
		return not(err)
	}
	defer s.close()
	leader, err := s.identify(ctx)
	if err != nil {
		return not(err)
	}
	mode = leader.mode
	if err := s.insert(ctx, number, token); err != nil {
		return not(err)
	}
	became.history, became.guarded = leader.history, leader.guarded
	committed, err := s.commit(ctx)
	switch {
	case err != nil && leader.guarded && errors.Is(ctx.Err(), context.DeadlineExceeded):
		became.outcome = held
		return became, mode, fmt.Sprintf("what became of entry %d is unknown: its commit waited for a standby, and none confirmed it in time", number)
	case err != nil:
		became.outcome = unknown
		return became, mode, fmt.Sprintf("what became of entry %d is unknown: %s", number, short(err))
	case !committed:
		return became, mode, fmt.Sprintf("entry %d was refused: the server rolled it back", number)
	}
	became.outcome = acknowledged
	waited := "waiting for the disk of no standby"
	if leader.guarded {
		waited = "after a standby had confirmed it"
	}
	return became, mode, fmt.Sprintf("entry %d was acknowledged on timeline %d, %s", number, leader.timeline, waited)
}

// look asks every server what it shows.
func (w *Writer) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	records := w.ledger.All()
	looks := make([]Look, len(w.options.Servers))
	var all sync.WaitGroup
	for i, server := range w.options.Servers {
		all.Go(func() { looks[i] = w.lookAt(ctx, server, records) })
	}
	all.Wait()
	servers := map[string]Look{}
	for i, server := range w.options.Servers {
		servers[server.Name] = looks[i]
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Servers = servers
	return nil
}

func (w *Writer) lookAt(ctx context.Context, server Database, records []record) Look {
	s, err := open(ctx, server.Address, w.options.Database)
	if err != nil {
		return Look{Error: short(err)}
	}
	defer s.close()
	it, err := s.identify(ctx)
	if err != nil {
		return Look{Error: short(err)}
	}
	entries, tokens, err := s.shows(ctx)
	if err != nil {
		return Look{Error: short(err)}
	}
	return Look{OK: true, Recovering: it.recovering, Entries: entries, Behind: behind(records, last(records, tokens))}
}

// audit reads all entries back from the leader and compares them with the ledger.
func (w *Writer) audit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, auditTime)
	defer cancel()
	result, err := w.readBack(ctx, w.ledger.All())
	if err != nil {
		result = Audit{Error: short(err), FirstMissing: []int{}}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Audit = result
	return nil
}

func (w *Writer) readBack(ctx context.Context, records []record) (Audit, error) {
	s, err := open(ctx, w.options.Leader, w.options.Database)
	if err != nil {
		return Audit{}, err
	}
	defer s.close()
	leader, err := s.identify(ctx)
	if err != nil {
		return Audit{}, err
	}
	read, err := s.read(ctx)
	if err != nil {
		return Audit{}, err
	}
	result := audit(records, read)
	result.History = leader.tell()
	return result, nil
}
