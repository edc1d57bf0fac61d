package orders

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// world is a broker with a shop at it.
type world struct {
	t      *testing.T
	broker *kfake.Cluster
	admin  *kadm.Client
	shop   *Shop
	server *httptest.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.DefaultNumPartitions(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	shop, err := NewShop(ShopOptions{
		Brokers: broker.ListenAddrs(), Topic: "orders", Group: "fulfillment",
		Launch: 20, Backlog: 30, Rate: 50, MaxOpen: 500, Audit: 100 * time.Millisecond,
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, broker: broker, admin: kadm.NewClient(client), shop: shop, server: httptest.NewServer(shop.Handler())}
	t.Cleanup(w.server.Close)
	background(t, shop.Run)
	return w
}

// background runs something until the end of the test.
func background(t *testing.T, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := run(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return stop
}

// consumer adds a member to the group.
func (w *world) consumer(name string) (stop func()) {
	w.t.Helper()
	f, err := NewFulfillment(FulfillmentOptions{
		Brokers: w.broker.ListenAddrs(), Topic: "orders", Group: "fulfillment", Shop: w.server.URL, Work: time.Millisecond, Name: name,
	}, io.Discard)
	if err != nil {
		w.t.Fatal(err)
	}
	return background(w.t, f.Run)
}

// until waits for the ledger to be as it should.
func (w *world) until(what string, is func(State) bool) State {
	w.t.Helper()
	var state State
	for began := time.Now(); time.Since(began) < 30*time.Second; pause(w.t.Context(), 20*time.Millisecond) {
		if state = w.shop.ledger.State(time.Now()); is(state) {
			return state
		}
	}
	w.t.Fatalf("%s: not within 30 s, but %+v", what, state)
	return state
}

func TestOrdersAreFulfilled(t *testing.T) {
	w := newWorld(t)
	w.until("open", func(s State) bool { return s.Open })
	stop := w.consumer("one")
	s := w.until("drained but for what the group was told to leave out", func(s State) bool { return s.Fulfilled > 60 && s.Waiting < 20 })
	if s.Skipped != 20 || s.AtLaunch != 20 {
		t.Errorf("%d skipped and %d at launch, want 20", s.Skipped, s.AtLaunch)
	}
	s = w.until("audited", func(s State) bool { return s.Audit.Found > 60 })
	if s.Audit.Missing != 0 {
		t.Errorf("%d missing", s.Audit.Missing)
	}
	stop()

	offsets := kadm.Offsets{}
	offsets.AddOffset("orders", 0, 0, -1)
	if err := w.admin.CommitAllOffsets(t.Context(), "fulfillment", offsets); err != nil {
		t.Fatal("a consumer that ends leaves the group:", err)
	}
	w.until("seen to be set back", func(s State) bool { return s.Rewound >= s.AtLaunch })
	w.consumer("two")
	s = w.until("replayed", func(s State) bool { return s.Skipped == 0 && s.Waiting < 20 })
	if s.Repeated != 0 {
		t.Errorf("%d orders were fulfilled twice", s.Repeated)
	}
}

func TestANewTopicIsANewBook(t *testing.T) {
	w := newWorld(t)
	w.consumer("one")
	first := w.until("drained", func(s State) bool { return s.Fulfilled > 40 })
	if _, err := w.admin.DeleteTopic(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	second := w.until("another book", func(s State) bool { return s.Open && s.Book.Number == 2 })
	if second.Book.ID == first.Book.ID || second.Lost < 20 || !second.Book.OpenedAt.After(first.Book.OpenedAt) {
		t.Errorf("after %+v there is %+v", first, second)
	}
	w.until("fulfilled in the new book", func(s State) bool { return s.Fulfilled > 40 && s.Audit.Found > 40 && s.Audit.Missing == 0 })
}

// A member may get orders of the next book before it hears that its own has ended.
func TestNothingOfAnotherBookIsPassedOver(t *testing.T) {
	w := newWorld(t)
	w.until("open", func(s State) bool { return s.Open })
	f, err := NewFulfillment(FulfillmentOptions{
		Brokers: w.broker.ListenAddrs(), Topic: "orders", Group: "fulfillment", Shop: w.server.URL, Name: "late",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.member(t.Context(), "an earlier book"); err != nil {
		t.Fatal(err)
	}
	offsets, err := w.admin.FetchOffsets(t.Context(), "fulfillment")
	if err != nil {
		t.Fatal(err)
	}
	if at, _ := offsets.Lookup("orders", 0); at.At != 20 || f.passedOver.Load() != 0 {
		t.Errorf("the group has come to %d, and %d orders were passed over", at.At, f.passedOver.Load())
	}
}

func TestAnswers(t *testing.T) {
	shop, err := NewShop(ShopOptions{Brokers: []string{"127.0.0.1:1"}, Topic: "orders", Group: "g", Rate: 1, MaxOpen: 10, Audit: time.Second}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	shop.ledger.Begin("a", time.Now())
	shop.ledger.Place(10, time.Now())
	shop.ledger.Place(20, time.Now())
	for _, tc := range []struct {
		ask, path, body string
		status          int
		says            string
	}{
		{http.MethodGet, "/healthz", "", http.StatusOK, `"ok"`},
		{http.MethodGet, "/readyz", "", http.StatusServiceUnavailable, "not ready"},
		{http.MethodGet, "/book", "", http.StatusOK, `"open":false`},
		{http.MethodPost, "/ledger", "", http.StatusMethodNotAllowed, ""},
		{http.MethodPost, "/fulfilled", "all of them", http.StatusBadRequest, "no orders of a book"},
		{http.MethodPost, "/fulfilled", `{"book":"a","orders":[{"number":1,"token":"10"},{"number":2,"token":"1"}]}`, http.StatusOK, `{"known":1}`},
		{http.MethodPost, "/pending", `{"book":"a","orders":[{"number":1,"token":"10"},{"number":2,"token":"20"}]}`, http.StatusOK, `[{"number":2,"token":"20"}]`},
		{http.MethodPost, "/pending", `{"book":"b","orders":[{"number":2,"token":"20"}]}`, http.StatusConflict, "that book has ended"},
		{http.MethodPost, "/fulfilled", `{"book":"b","orders":[{"number":2,"token":"20"}]}`, http.StatusConflict, "that book has ended"},
		{http.MethodGet, "/ledger", "", http.StatusOK, `"status":"waiting for the broker"`},
		{http.MethodGet, "/metrics", "", http.StatusOK, "orders_fulfilled_total 1"},
	} {
		t.Run(tc.ask+tc.path, func(t *testing.T) {
			answer := httptest.NewRecorder()
			shop.Handler().ServeHTTP(answer, httptest.NewRequest(tc.ask, tc.path, strings.NewReader(tc.body)))
			if answer.Code != tc.status || !strings.Contains(answer.Body.String(), tc.says) {
				t.Errorf("%d %s, want %d with %s", answer.Code, answer.Body, tc.status, tc.says)
			}
		})
	}
}

func TestCommandLine(t *testing.T) {
	for args, want := range map[string]string{
		"produce --brokers=":                "brokers is empty: it must be like kafka:9092",
		"produce --topic=":                  "topic and group must not be empty",
		"produce --rate=0":                  "rate is 0: it must be above 0 and at most 1000",
		"produce --launch=-1":               "launch -1, backlog 300 and max-open 600: none is negative, the last is at least the backlog and at most 100000",
		"produce --audit=1ms":               "audit is 1ms: it must be at least 100ms",
		"consume --shop=shop":               `shop is "shop": it must be like http://shop`,
		"consume --work=2m":                 "work is 2m0s: it must be from 0s to 1m",
		"consume --group=":                  "topic and group must not be empty",
		"consume --listen=nowhere":          "listen: listen tcp: address nowhere: missing port in address",
		"consume now":                       `unknown command "now" for "orders consume"`,
		"produce --brokers=127.0.0.1:1 now": `unknown command "now" for "orders produce"`,
	} {
		t.Run(args, func(t *testing.T) {
			command := NewCommand()
			command.SetArgs(strings.Fields(args))
			command.SetOut(&bytes.Buffer{})
			command.SilenceErrors, command.SilenceUsage = true, true
			if err := command.ExecuteContext(t.Context()); err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}

func TestServeEndsWithWhatItServes(t *testing.T) {
	broken := errors.New("broken")
	if err := serve(t.Context(), "127.0.0.1:0", http.NotFoundHandler(), func(context.Context) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := serve(ctx, "127.0.0.1:0", http.NotFoundHandler(), func(ctx context.Context) error { <-ctx.Done(); return nil })
	if err != nil && !strings.Contains(err.Error(), "canceled") {
		t.Errorf("error %v of one that was told to stop", err)
	}
}
