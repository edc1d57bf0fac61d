package orders

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Order is what a record of the topic says.
type Order struct {
	// Number counts the orders of a book from 1.
	Number int `json:"number"`
	// Token is known to nobody who has not read the order.
	Token uint64 `json:"token,string"`
}

// entry is what the ledger knows of an order.
type entry struct {
	token     uint64
	offset    int64
	placed    time.Time
	partition int32
	// acknowledged says that the broker has it, fulfilled that somebody who has read it says that it is done.
	acknowledged, fulfilled bool
}

// Ledger is what the shop knows of its orders. A book of it is about one topic: when that is gone, a new one begins.
// It is safe for concurrent use.
type Ledger struct {
	mu       sync.Mutex
	status   string
	open     bool
	book     Book
	entries  []entry
	atLaunch int
	audit    Audit
	books    int
	// committed is how far the group has come in each partition.
	committed map[int32]int64
	// rewound is how far the group was set back since the shop has opened.
	rewound int
	// acknowledgedOf, repeated and lost are counted over all that the shop has seen: repeated are the confirmations of what
	// was fulfilled already, lost the orders of earlier books that were acknowledged and never fulfilled.
	acknowledged, fulfilled, repeated, lost int
	recent                                  [rateSeconds + 1]struct {
		second int64
		count  int
	}
}

// rateSeconds is over how many seconds the rate is taken.
const rateSeconds = 5

// Book names what the orders of the ledger are written to.
type Book struct {
	// ID is that of the topic, which no other topic has, even of the same name; empty when the book has ended.
	ID string `json:"id"`
	// Number counts the books from 1.
	Number int `json:"number"`
	// OpenedAt is when the topic was made.
	OpenedAt time.Time `json:"openedAt"`
}

// Audit is what was found when the topic was last read from its beginning.
type Audit struct {
	// At is when the reading began; zero when it has not been done.
	At time.Time `json:"at"`
	// Found are the acknowledged orders at their places, Missing those that are not.
	Found   int `json:"found"`
	Missing int `json:"missing"`
}

// State is what the ledger tells.
type State struct {
	Status string `json:"status"`
	Open   bool   `json:"open"`
	Book   Book   `json:"book"`
	// Acknowledged and Fulfilled are the orders of this book.
	Acknowledged int `json:"acknowledged"`
	Fulfilled    int `json:"fulfilled"`
	// AtLaunch are those that the group was told to leave out when the book was opened.
	AtLaunch int `json:"atLaunch"`
	// Rewound counts the orders of this book that the group had gone past and was told to read once more.
	Rewound int `json:"rewound"`
	// Skipped are the acknowledged orders that nobody fulfilled although the group has gone past them; Waiting are all
	// others that nobody fulfilled. OldestWaitingSeconds is for how long the first of those has waited.
	Skipped              int `json:"skipped"`
	Waiting              int `json:"waiting"`
	OldestWaitingSeconds int `json:"oldestWaitingSeconds"`
	// PerSecond is how many orders were acknowledged lately.
	PerSecond int `json:"perSecond"`
	// Repeated counts confirmations of what was fulfilled already, Lost the orders that went with earlier books.
	Repeated int   `json:"repeated"`
	Lost     int   `json:"lost"`
	Audit    Audit `json:"audit"`
}

// Say sets the sentence that tells what the shop is doing.
func (l *Ledger) Say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status = fmt.Sprintf(format, args...)
}

// Begin begins a book for a topic. Orders can be placed, and the shop is not open yet.
func (l *Ledger) Begin(id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.books++
	l.book = Book{ID: id, Number: l.books, OpenedAt: now.UTC()}
	l.entries, l.audit, l.atLaunch, l.committed, l.rewound = nil, Audit{}, 0, nil, 0
}

// Launched notes that the orders so far are those that the group leaves out.
func (l *Ledger) Launched() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.atLaunch = len(l.entries)
}

// Commit notes how far the group has come in the partitions of a book. In one that is left out it begins at the start.
func (l *Ledger) Commit(book string, committed map[int32]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if book != l.book.ID {
		return
	}
	if l.open {
		for partition, before := range l.committed {
			l.rewound += int(max(0, before-committed[partition]))
		}
	}
	l.committed = committed
}

// Open opens the shop.
func (l *Ledger) Open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = true
}

// Close ends the book, which nobody can name any more: what was not fulfilled is lost. It returns how much that is.
func (l *Ledger) Close() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	lost := 0
	for _, e := range l.entries {
		if e.acknowledged && !e.fulfilled {
			lost++
		}
	}
	l.lost += lost
	l.open = false
	l.book.ID, l.entries = "", nil
	return lost
}

// Place writes a new order down that is about to be sent.
func (l *Ledger) Place(token uint64, now time.Time) Order {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, entry{token: token, placed: now})
	return Order{Number: len(l.entries), Token: token}
}

// Acknowledge notes that the broker has an order of a book, and where.
func (l *Ledger) Acknowledge(book string, order Order, partition int32, offset int64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.find(book, order)
	if e == nil {
		return
	}
	e.acknowledged, e.partition, e.offset = true, partition, offset
	l.acknowledged++
	second := now.Unix()
	slot := &l.recent[second%int64(len(l.recent))]
	if slot.second != second {
		slot.second, slot.count = second, 0
	}
	slot.count++
}

// errAnotherBook says that a book has ended. Of its orders nothing can be told: they must not be taken for done.
var errAnotherBook = errors.New("that book has ended: ask for the one that is open")

// Fulfill notes that orders of a book were fulfilled. It returns how many it knows: nobody has ordered the others. The error
// is errAnotherBook or nil.
func (l *Ledger) Fulfill(book string, orders []Order) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if book != l.book.ID {
		return 0, errAnotherBook
	}
	known := 0
	for _, order := range orders {
		e := l.find(book, order)
		switch {
		case e == nil:
			continue
		case e.fulfilled:
			l.repeated++
		default:
			e.fulfilled = true
			l.fulfilled++
		}
		known++
	}
	return known, nil
}

// Pending returns those of the orders that are in the book and not fulfilled. The error is errAnotherBook or nil.
func (l *Ledger) Pending(book string, orders []Order) ([]Order, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if book != l.book.ID {
		return nil, errAnotherBook
	}
	pending := []Order{}
	for _, order := range orders {
		if e := l.find(book, order); e != nil && !e.fulfilled {
			pending = append(pending, order)
		}
	}
	return pending, nil
}

// find returns the entry of an order whose token is right, or nil.
func (l *Ledger) find(book string, order Order) *entry {
	if book != l.book.ID || order.Number < 1 || order.Number > len(l.entries) {
		return nil
	}
	if e := &l.entries[order.Number-1]; e.token == order.Token {
		return e
	}
	return nil
}

// place is where the broker said that it has an order.
type place struct {
	partition int32
	offset    int64
}

// reading holds what is read from the topic against what was acknowledged before the reading began.
type reading struct {
	book  string
	at    time.Time
	want  []entry
	found []bool
}

// read begins a reading of the topic.
func (l *Ledger) read(now time.Time) *reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	want := append([]entry(nil), l.entries...)
	return &reading{book: l.book.ID, at: now.UTC(), want: want, found: make([]bool, len(want))}
}

// see notes a record.
func (r *reading) see(at place, value []byte) {
	var order Order
	if json.Unmarshal(value, &order) != nil || order.Number < 1 || order.Number > len(r.want) {
		return
	}
	if e := r.want[order.Number-1]; e.acknowledged && e.token == order.Token && e.partition == at.partition && e.offset == at.offset {
		r.found[order.Number-1] = true
	}
}

// Audited ends a reading that came to the end of the topic.
func (l *Ledger) Audited(r *reading) {
	audit := Audit{At: r.at}
	for i, e := range r.want {
		switch {
		case !e.acknowledged:
		case r.found[i]:
			audit.Found++
		default:
			audit.Missing++
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.book == l.book.ID {
		l.audit = audit
	}
}

// Current tells which book there is, and whether the shop is open.
func (l *Ledger) Current() (Book, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book, l.open
}

// State tells how things are.
func (l *Ledger) State(now time.Time) State {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := State{
		Status: l.status, Open: l.open, Book: l.book, AtLaunch: l.atLaunch, Rewound: l.rewound, Repeated: l.repeated, Lost: l.lost, Audit: l.audit,
	}
	for _, e := range l.entries {
		if !e.acknowledged {
			continue
		}
		s.Acknowledged++
		switch {
		case e.fulfilled:
			s.Fulfilled++
		case e.offset < l.committed[e.partition]:
			s.Skipped++
		default:
			if s.Waiting == 0 {
				s.OldestWaitingSeconds = int(now.Sub(e.placed).Seconds())
			}
			s.Waiting++
		}
	}
	total := 0
	for _, slot := range l.recent {
		// The second that runs is not over.
		if age := now.Unix() - slot.second; age >= 1 && age <= rateSeconds {
			total += slot.count
		}
	}
	s.PerSecond = total / rateSeconds
	return s
}

// counts are for metrics.
func (l *Ledger) counts() (acknowledged, fulfilled, repeated int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acknowledged, l.fulfilled, l.repeated
}
