package orders

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// atOnce is how many orders are taken from the broker at a time.
	atOnce = 25
	// maxAnswer is how much of an answer of the shop is read, in bytes.
	maxAnswer = 1 << 20
)

// FulfillmentOptions say how orders are fulfilled.
type FulfillmentOptions struct {
	Brokers      []string
	Topic, Group string
	// Shop is where it is asked which orders are open, and told which are done.
	Shop string
	// Work is the time that an order takes.
	Work time.Duration
	// Name of the member, as the broker lists it.
	Name string
}

func (o FulfillmentOptions) validate() error {
	shop, err := url.Parse(o.Shop)
	switch {
	case len(o.Brokers) == 0:
		return errors.New("brokers is empty: it must be like kafka:9092")
	case o.Topic == "" || o.Group == "":
		return errors.New("topic and group must not be empty")
	case err != nil || shop.Scheme != "http" || shop.Host == "":
		return fmt.Errorf("shop is %q: it must be like http://shop", o.Shop)
	case o.Work < 0 || o.Work > time.Minute:
		return fmt.Errorf("work is %v: it must be from 0s to 1m", o.Work)
	}
	return nil
}

// Fulfillment is a member of the group that fulfills orders.
type Fulfillment struct {
	options FulfillmentOptions
	shop    *http.Client
	out     io.Writer
	// joined tells that the broker knows this member.
	joined atomic.Bool
	// free is when the order before this one was due to be done.
	free time.Time
	// done counts orders fulfilled here, passed over those that were done already.
	done, passedOver atomic.Int64
}

// NewFulfillment makes a member. An error says which option is out of bounds.
func NewFulfillment(options FulfillmentOptions, out io.Writer) (*Fulfillment, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	return &Fulfillment{options: options, shop: &http.Client{Timeout: 5 * time.Second}, out: out}, nil
}

// Run fulfills orders until the context ends. What it has begun is finished and committed.
func (f *Fulfillment) Run(ctx context.Context) error {
	waiting := false
	for ctx.Err() == nil {
		book, err := f.openBook(ctx)
		if err != nil {
			if !waiting {
				fmt.Fprintln(f.out, clock(), "waiting for the shop:", err)
			}
			waiting = true
			pause(ctx, time.Second)
			continue
		}
		waiting = false
		if err := f.member(ctx, book); err != nil {
			return err
		}
	}
	return nil
}

// openBook asks for the book that is open.
func (f *Fulfillment) openBook(ctx context.Context) (string, error) {
	var state struct {
		Open bool `json:"open"`
		Book Book `json:"book"`
	}
	if err := f.ask(ctx, http.MethodGet, "/book", nil, &state); err != nil {
		return "", err
	}
	if !state.Open {
		return "", errors.New("it is closed")
	}
	return state.Book.ID, nil
}

// member is one for as long as the book is open: another topic of the same name has other offsets.
func (f *Fulfillment) member(ctx context.Context, book string) error {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(f.options.Brokers...), kgo.ConsumeTopics(f.options.Topic), kgo.ConsumerGroup(f.options.Group), kgo.ClientID(f.options.Name),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		// An order is committed after it was fulfilled. Who takes over begins there, and may do some again.
		kgo.AutoCommitMarks(), kgo.AutoCommitInterval(500*time.Millisecond), kgo.BlockRebalanceOnPoll(),
		kgo.SessionTimeout(10*time.Second), kgo.HeartbeatInterval(time.Second), kgo.RebalanceTimeout(15*time.Second),
		// Partitions that are added are found soon.
		kgo.MetadataMinAge(time.Second), kgo.MetadataMaxAge(3*time.Second), kgo.FetchMaxWait(500*time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			fmt.Fprintf(f.out, "%s given partitions %v\n", clock(), sorted(got[f.options.Topic]))
		}),
	)
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	defer f.leave(ctx, client)
	go f.watch(ctx, leave, book)
	progress := time.Now()
	for ctx.Err() == nil {
		// A member without partitions gets nothing, and is one nevertheless.
		polling, enough := context.WithTimeout(ctx, time.Second)
		fetches := client.PollRecords(polling, atOnce)
		enough()
		if generation, _ := client.GroupMetadata(); generation != "" {
			f.joined.Store(true)
		}
		fetches.EachError(func(_ string, partition int32, err error) {
			if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
				fmt.Fprintf(f.out, "%s partition %d: %v\n", clock(), partition, err)
			}
		})
		if !f.fulfill(ctx, client, book, fetches.Records()) {
			leave()
		}
		client.AllowRebalance()
		if time.Since(progress) > 10*time.Second {
			progress = time.Now()
			fmt.Fprintf(f.out, "%s %d orders fulfilled, %d were done before\n", clock(), f.done.Load(), f.passedOver.Load())
		}
	}
	return nil
}

// leave commits what was done and leaves the group, so that others need not wait for a timeout.
func (f *Fulfillment) leave(ctx context.Context, client *kgo.Client) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	f.joined.Store(false)
	// Without a broker there is nothing to commit to: the orders are asked about again.
	_ = client.CommitMarkedOffsets(last)
	_ = client.LeaveGroupContext(last)
	client.CloseAllowingRebalance()
}

// watch leaves when the shop has another book.
func (f *Fulfillment) watch(ctx context.Context, leave context.CancelFunc, book string) {
	for ctx.Err() == nil {
		pause(ctx, time.Second)
		var state struct {
			Open bool `json:"open"`
			Book Book `json:"book"`
		}
		if err := f.ask(ctx, http.MethodGet, "/book", nil, &state); err == nil && (!state.Open || state.Book.ID != book) {
			fmt.Fprintln(f.out, clock(), "the shop has closed its book, leaving the group")
			leave()
		}
	}
}

// fulfill does what is open of a batch, one order after the other, and marks for the commit what is done. It returns false when
// it is to leave, as when the book has ended: what was read may be of the next one, and must not be passed over.
func (f *Fulfillment) fulfill(ctx context.Context, client *kgo.Client, book string, records []*kgo.Record) bool {
	if len(records) == 0 {
		return true
	}
	all := make([]Order, len(records))
	for i, record := range records {
		// What is no order has no number, and the shop does not know it.
		if json.Unmarshal(record.Value, &all[i]) != nil {
			all[i] = Order{}
		}
	}
	var open []Order
	if !f.insist(ctx, "/pending", confirmation{book, all}, &open) {
		return false
	}
	for i, record := range records {
		if ctx.Err() != nil {
			return false
		}
		// Doing it twice would send the goods twice.
		if slices.Contains(open, all[i]) {
			f.work(context.WithoutCancel(ctx))
			if !f.insist(ctx, "/fulfilled", confirmation{book, all[i : i+1]}, nil) {
				return false
			}
			f.done.Add(1)
		} else {
			f.passedOver.Add(1)
		}
		client.MarkCommitRecords(record)
	}
	return true
}

// work takes its time. What was lost on the way between two orders is made up for, so that an order takes as long as it
// should on a slow machine too.
func (f *Fulfillment) work(ctx context.Context) {
	if earliest := time.Now().Add(-5 * f.options.Work); f.free.Before(earliest) {
		f.free = time.Now()
	}
	f.free = f.free.Add(f.options.Work)
	pause(ctx, time.Until(f.free))
}

// insist asks the shop until it answers or the context ends, once at least. It tells whether there was an answer about the book.
func (f *Fulfillment) insist(ctx context.Context, path string, body, answer any) bool {
	for {
		err := f.ask(context.WithoutCancel(ctx), http.MethodPost, path, body, answer)
		if err == nil {
			return true
		}
		if ctx.Err() != nil || errors.Is(err, errAnotherBook) {
			return false
		}
		fmt.Fprintln(f.out, clock(), "the shop does not answer:", err)
		pause(ctx, time.Second)
	}
}

// ask asks the shop once. A connection stays with who has taken it: where the answer is no good, the next goes by a new one,
// to whoever is behind the Service by then.
func (f *Fulfillment) ask(ctx context.Context, method, path string, body, answer any) (err error) {
	defer func() {
		if err != nil {
			f.shop.CloseIdleConnections()
		}
	}()
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, f.options.Shop+path, bytes.NewReader(sent))
	if err != nil {
		return err
	}
	response, err := f.shop.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusConflict:
		return errAnotherBook
	default:
		return fmt.Errorf("it answered %s", response.Status)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(data, answer)
}

func sorted(partitions []int32) []int32 {
	partitions = slices.Clone(partitions)
	slices.Sort(partitions)
	return partitions
}
