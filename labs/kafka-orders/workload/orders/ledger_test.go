package orders

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tokens of the orders in these tests are ten times their numbers.
func placed(l *Ledger, n int, now time.Time) []Order {
	all := make([]Order, n)
	for i := range all {
		all[i] = l.Place(uint64(i+1)*10, now)
	}
	return all
}

// fulfill confirms orders. What the shop says to that is another test's.
func fulfill(l *Ledger, book string, orders []Order) { _, _ = l.Fulfill(book, orders) }

func TestState(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		do   func(l *Ledger, orders []Order)
		want State
	}{
		"placed is not acknowledged": {
			do:   func(*Ledger, []Order) {},
			want: State{},
		},
		"acknowledged orders wait": {
			do: func(l *Ledger, orders []Order) {
				for i, order := range orders {
					l.Acknowledge("a", order, 0, int64(i), start.Add(3*time.Second))
				}
			},
			want: State{Acknowledged: 4, Waiting: 4, OldestWaitingSeconds: 7},
		},
		"what the group has gone past is skipped": {
			do: func(l *Ledger, orders []Order) {
				for i, order := range orders {
					l.Acknowledge("a", order, 0, int64(i), start.Add(3*time.Second))
				}
				fulfill(l, "a", orders[2:3])
				l.Commit("a", map[int32]int64{0: 3})
			},
			want: State{Acknowledged: 4, Fulfilled: 1, Skipped: 2, Waiting: 1, OldestWaitingSeconds: 7},
		},
		"partitions are each on their own": {
			do: func(l *Ledger, orders []Order) {
				for i, order := range orders {
					l.Acknowledge("a", order, int32(i), 0, start.Add(9*time.Second))
				}
				fulfill(l, "a", orders[2:])
				l.Commit("a", map[int32]int64{2: 1, 3: 1})
			},
			want: State{Acknowledged: 4, Fulfilled: 2, Waiting: 2, OldestWaitingSeconds: 7},
		},
		"what the group goes back to waits again": {
			do: func(l *Ledger, orders []Order) {
				for i, order := range orders {
					l.Acknowledge("a", order, 0, int64(i), start.Add(3*time.Second))
				}
				l.Commit("a", map[int32]int64{0: 4})
				l.Commit("a", map[int32]int64{0: 1})
				l.Commit("b", map[int32]int64{0: 4})
			},
			want: State{Acknowledged: 4, Skipped: 1, Waiting: 3, OldestWaitingSeconds: 7},
		},
		"what the group is told to read once more is counted": {
			do: func(l *Ledger, _ []Order) {
				l.Open()
				l.Commit("a", map[int32]int64{0: 40, 1: 7})
				l.Commit("a", map[int32]int64{0: 41, 1: 9})
				l.Commit("a", map[int32]int64{0: 1, 1: 9})
				l.Commit("b", map[int32]int64{})
				l.Commit("a", map[int32]int64{0: 5})
			},
			want: State{Open: true, Rewound: 49},
		},
		"that the group is told where to begin is not": {
			do: func(l *Ledger, _ []Order) {
				l.Commit("a", map[int32]int64{0: 9000})
				l.Commit("a", map[int32]int64{0: 200})
				l.Open()
				l.Commit("a", map[int32]int64{0: 210})
			},
			want: State{Open: true},
		},
		"once more is counted apart": {
			do: func(l *Ledger, orders []Order) {
				l.Acknowledge("a", orders[0], 0, 0, start.Add(3*time.Second))
				fulfill(l, "a", orders[:1])
				fulfill(l, "a", orders[:1])
			},
			want: State{Acknowledged: 1, Fulfilled: 1, Repeated: 1},
		},
		"a token that was guessed is no confirmation": {
			do: func(l *Ledger, orders []Order) {
				l.Acknowledge("a", orders[0], 0, 0, start.Add(3*time.Second))
				fulfill(l, "a", []Order{{Number: 1, Token: 11}, {Number: 0}, {Number: 9, Token: 90}})
			},
			want: State{Acknowledged: 1, Waiting: 1, OldestWaitingSeconds: 7},
		},
		"another book is another topic": {
			do: func(l *Ledger, orders []Order) {
				l.Acknowledge("b", orders[0], 0, 0, start.Add(3*time.Second))
				fulfill(l, "b", orders)
			},
			want: State{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := &Ledger{}
			l.Begin("a", start)
			tc.do(l, placed(l, 4, start))
			got := l.State(start.Add(7 * time.Second))
			tc.want.Book = Book{ID: "a", Number: 1, OpenedAt: start}
			tc.want.PerSecond = got.PerSecond
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRate(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	l := &Ledger{}
	l.Begin("a", start)
	orders := placed(l, 100, start)
	for i, order := range orders {
		l.Acknowledge("a", order, 0, int64(i), start.Add(time.Duration(i)*100*time.Millisecond))
	}
	for after, want := range map[time.Duration]int{9999 * time.Millisecond: 10, 12 * time.Second: 6, time.Minute: 0} {
		if got := l.State(start.Add(after)).PerSecond; got != want {
			t.Errorf("after %v: %d a second, want %d", after, got, want)
		}
	}
}

func TestReading(t *testing.T) {
	value := func(order Order) []byte {
		data, err := json.Marshal(order)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, tc := range map[string]struct {
		records map[place]Order
		want    Audit
	}{
		"all there":              {map[place]Order{{0, 0}: {1, 10}, {0, 1}: {2, 20}, {1, 0}: {3, 30}}, Audit{Found: 3}},
		"one is gone":            {map[place]Order{{0, 0}: {1, 10}, {1, 0}: {3, 30}}, Audit{Found: 2, Missing: 1}},
		"an empty topic":         {nil, Audit{Missing: 3}},
		"at another place":       {map[place]Order{{0, 0}: {1, 10}, {0, 2}: {2, 20}, {1, 0}: {3, 30}}, Audit{Found: 2, Missing: 1}},
		"made up":                {map[place]Order{{0, 0}: {1, 10}, {0, 1}: {2, 21}, {1, 0}: {3, 30}}, Audit{Found: 2, Missing: 1}},
		"more than was asked":    {map[place]Order{{0, 0}: {1, 10}, {0, 1}: {2, 20}, {1, 0}: {3, 30}, {2, 0}: {7, 70}}, Audit{Found: 3}},
		"what was not confirmed": {map[place]Order{{0, 0}: {1, 10}, {0, 1}: {2, 20}, {1, 0}: {3, 30}, {1, 1}: {4, 40}}, Audit{Found: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
			l := &Ledger{}
			l.Begin("a", now)
			orders := placed(l, 4, now)
			l.Acknowledge("a", orders[0], 0, 0, now)
			l.Acknowledge("a", orders[1], 0, 1, now)
			l.Acknowledge("a", orders[2], 1, 0, now)
			read := l.read(now)
			for at, order := range tc.records {
				read.see(at, value(order))
			}
			read.see(place{0, 9}, []byte("no order"))
			l.Audited(read)
			tc.want.At = now
			if diff := cmp.Diff(tc.want, l.State(now).Audit); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLostWithTheBook(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	l := &Ledger{}
	l.Begin("a", now)
	orders := placed(l, 3, now)
	l.Acknowledge("a", orders[0], 0, 0, now)
	l.Acknowledge("a", orders[1], 0, 1, now)
	fulfill(l, "a", orders[:1])
	l.Open()
	if lost := l.Close(); lost != 1 {
		t.Errorf("%d lost, want the one that was acknowledged and not fulfilled", lost)
	}
	l.Begin("b", now)
	if s := l.State(now); s.Lost != 1 || s.Open || s.Book.Number != 2 || s.Acknowledged != 0 {
		t.Errorf("a new book begins with %+v", s)
	}
}
