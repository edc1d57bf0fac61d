package orders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// customers is how many keys there are: the orders of one customer stay in order.
	customers = 60
	// absences is how often in a row the broker must say that the topic is not there: one that has just started may
	// not know it yet.
	absences = 5
	// maxUnderWay is how many orders may be sent and not acknowledged.
	maxUnderWay = 200
	// emptyWithin is how long the members of the group have to leave when a book is opened.
	emptyWithin = 20 * time.Second
)

// ShopOptions say how the shop behaves.
type ShopOptions struct {
	// Brokers to ask first.
	Brokers []string
	// Topic that orders are written to. The shop makes it, with one partition.
	Topic string
	// Group that fulfills the orders. When the topic is made, it is told to begin after the first Launch orders.
	Group string
	// Launch and Backlog are how many orders there are at once in a new topic: those that the group leaves out, and more.
	Launch, Backlog int
	// Rate is how many orders are placed in a second.
	Rate float64
	// MaxOpen is how many orders may wait to be fulfilled, without those that the group has gone past. With more, no new
	// ones are placed.
	MaxOpen int
	// Audit is the time between two readings of the topic.
	Audit time.Duration
}

func (o ShopOptions) validate() error {
	switch {
	case len(o.Brokers) == 0:
		return errors.New("brokers is empty: it must be like kafka:9092")
	case o.Topic == "" || o.Group == "":
		return errors.New("topic and group must not be empty")
	case o.Rate <= 0 || o.Rate > 1000:
		return fmt.Errorf("rate is %v: it must be above 0 and at most 1000", o.Rate)
	case o.Launch < 0 || o.Backlog < 0 || o.MaxOpen < o.Backlog || o.MaxOpen > 100_000:
		return fmt.Errorf("launch %d, backlog %d and max-open %d: none is negative, the last is at least the backlog and at most 100000",
			o.Launch, o.Backlog, o.MaxOpen)
	case o.Audit < 100*time.Millisecond:
		return fmt.Errorf("audit is %v: it must be at least 100ms", o.Audit)
	}
	return nil
}

// Shop places orders.
type Shop struct {
	options ShopOptions
	ledger  *Ledger
	out     io.Writer
	// said is what the log says last.
	said atomic.Value
}

// NewShop makes a shop. An error says which option is out of bounds.
func NewShop(options ShopOptions, out io.Writer) (*Shop, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	s := &Shop{options: options, ledger: &Ledger{}, out: out}
	s.ledger.Say("waiting for the broker")
	return s, nil
}

// Run places orders until the context ends, in one book after the other.
func (s *Shop) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.keepBook(ctx); err != nil && ctx.Err() == nil {
			s.say("%v", err)
			pause(ctx, time.Second)
		}
	}
	return nil
}

// keepBook makes the topic and places orders until it is gone.
func (s *Shop) keepBook(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(s.options.Brokers...), kgo.DefaultProduceTopic(s.options.Topic), kgo.ClientID("shop"),
		kgo.RequiredAcks(kgo.AllISRAcks()), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
		kgo.ProducerLinger(0), kgo.MaxBufferedRecords(2*maxUnderWay),
		kgo.MetadataMinAge(500*time.Millisecond), kgo.MetadataMaxAge(2*time.Second),
	)
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	id, err := s.makeTopic(ctx, admin)
	if err != nil {
		return err
	}
	s.ledger.Begin(id, time.Now())
	defer func() {
		// What is still under way is of no use to anybody any more.
		if lost := s.ledger.Close(); ctx.Err() == nil {
			s.say("the topic %s is gone, and with it %d acknowledged orders that nobody had fulfilled", s.options.Topic, lost)
		}
	}()
	go s.watch(ctx, cancel, admin, id)
	if err := s.launch(ctx, client, admin, id); err != nil {
		return err
	}
	s.ledger.Open()
	go s.follow(ctx, admin, id)
	s.say("taking orders, %v a second", s.options.Rate)
	go s.keepAuditing(ctx, id)
	s.placeAll(ctx, client, id)
	return nil
}

// makeTopic makes the topic anew. One that is there is of a shop before this one, whose ledger is lost.
func (s *Shop) makeTopic(ctx context.Context, admin *kadm.Client) (string, error) {
	asking, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	details, err := admin.Metadata(asking, s.options.Topic)
	if err != nil {
		return "", fmt.Errorf("waiting for the broker: %w", err)
	}
	if details.Topics.Has(s.options.Topic) {
		if _, err := admin.DeleteTopic(asking, s.options.Topic); err != nil {
			return "", fmt.Errorf("delete the topic of an earlier shop: %w", err)
		}
	}
	made, err := admin.CreateTopic(asking, 1, 1, nil, s.options.Topic)
	if err != nil {
		return "", fmt.Errorf("make the topic %s: %w", s.options.Topic, err)
	}
	return made.ID.String(), nil
}

// launch places the first orders, and tells the group to begin after some of them.
func (s *Shop) launch(ctx context.Context, client *kgo.Client, admin *kadm.Client, id string) error {
	for range s.options.Launch {
		s.place(ctx, client, id, nil)
	}
	if err := client.Flush(ctx); err != nil {
		return fmt.Errorf("place the first orders: %w", err)
	}
	s.ledger.Launched()
	offsets := kadm.Offsets{}
	offsets.AddOffset(s.options.Topic, 0, int64(s.options.Launch), -1)
	for began := time.Now(); ; pause(ctx, 500*time.Millisecond) {
		// A group with members takes offsets from them alone. They leave when they see that the shop is closed.
		err := admin.CommitAllOffsets(ctx, s.options.Group, offsets)
		if err == nil {
			s.ledger.Commit(id, map[int32]int64{0: int64(s.options.Launch)})
			break
		}
		if ctx.Err() != nil || time.Since(began) > emptyWithin {
			s.say("the group %s does not begin after the first orders: %v", s.options.Group, err)
			break
		}
	}
	for range s.options.Backlog {
		s.place(ctx, client, id, nil)
	}
	if err := client.Flush(ctx); err != nil {
		return fmt.Errorf("place the first orders: %w", err)
	}
	return nil
}

// placeAll places orders at the rate until the context ends.
func (s *Shop) placeAll(ctx context.Context, client *kgo.Client, id string) {
	ticker := time.NewTicker(time.Duration(float64(time.Second) / s.options.Rate))
	defer ticker.Stop()
	progress := time.NewTicker(time.Second)
	defer progress.Stop()
	var underWay atomic.Int64
	full := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-progress.C:
			state := s.ledger.State(time.Now())
			full = state.Waiting >= s.options.MaxOpen
			switch {
			case underWay.Load() >= maxUnderWay:
				s.ledger.Say("the broker acknowledges nothing: customers wait")
			case full:
				s.ledger.Say("closed to customers: %d orders wait to be fulfilled", state.Waiting)
			default:
				s.ledger.Say("taking orders")
			}
		case <-ticker.C:
			if !full && underWay.Load() < maxUnderWay {
				underWay.Add(1)
				s.place(ctx, client, id, func() { underWay.Add(-1) })
			}
		}
	}
}

// place places one order. It waits while too many are under way already.
func (s *Shop) place(ctx context.Context, client *kgo.Client, id string, then func()) {
	order := s.ledger.Place(rand.Uint64(), time.Now())
	value, err := json.Marshal(order)
	if err != nil {
		return // Two numbers: it does not fail.
	}
	record := &kgo.Record{Key: fmt.Appendf(nil, "customer-%02d", rand.IntN(customers)), Value: value}
	client.Produce(ctx, record, func(r *kgo.Record, err error) {
		if err == nil {
			s.ledger.Acknowledge(id, order, r.Partition, r.Offset, time.Now())
		}
		if then != nil {
			then()
		}
	})
}

// watch ends the book when its topic is gone. A broker that does not answer ends nothing.
func (s *Shop) watch(ctx context.Context, end context.CancelFunc, admin *kadm.Client, id string) {
	for absent := 0; absent < absences; {
		pause(ctx, time.Second)
		if ctx.Err() != nil {
			return
		}
		asking, cancel := context.WithTimeout(ctx, 5*time.Second)
		details, err := admin.Metadata(asking, s.options.Topic)
		cancel()
		if err != nil {
			continue
		}
		topic, there := details.Topics[s.options.Topic]
		switch {
		case there && topic.Err == nil && topic.ID.String() == id:
			absent = 0
		case there && topic.Err != nil && !errors.Is(topic.Err, kerr.UnknownTopicOrPartition):
		default:
			absent++
		}
	}
	s.say("the topic %s is gone, and its orders with it", s.options.Topic)
	end()
}

// follow asks how far the group has come. While the broker does not tell, what it told last holds.
func (s *Shop) follow(ctx context.Context, admin *kadm.Client, id string) {
	for ; ctx.Err() == nil; pause(ctx, 500*time.Millisecond) {
		asking, cancel := context.WithTimeout(ctx, 5*time.Second)
		offsets, err := admin.FetchOffsets(asking, s.options.Group)
		cancel()
		if err != nil || offsets.Error() != nil {
			continue
		}
		committed := map[int32]int64{}
		for partition, offset := range offsets[s.options.Topic] {
			committed[partition] = offset.At
		}
		s.ledger.Commit(id, committed)
	}
}

// keepAuditing reads the topic from its beginning, again and again.
func (s *Shop) keepAuditing(ctx context.Context, id string) {
	for ctx.Err() == nil {
		began := time.Now()
		if err := s.audit(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintf(s.out, "%s audit of %s: %v\n", clock(), id, err)
		}
		// A long topic must not keep the shop busy with reading.
		pause(ctx, max(s.options.Audit, 10*time.Since(began)))
	}
}

// audit reads the topic once. One that can't be read to its end says nothing.
func (s *Shop) audit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(s.options.Brokers...), kgo.ConsumeTopics(s.options.Topic), kgo.ClientID("shop-audit"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(200*time.Millisecond),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	read := s.ledger.read(time.Now())
	starts, err := admin.ListStartOffsets(ctx, s.options.Topic)
	if err != nil {
		return err
	}
	ends, err := admin.ListEndOffsets(ctx, s.options.Topic)
	if err != nil {
		return err
	}
	if err := errors.Join(starts.Error(), ends.Error()); err != nil {
		return err
	}
	left := map[int32]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		start, _ := starts.Lookup(end.Topic, end.Partition)
		if start.Offset < end.Offset {
			left[end.Partition] = end.Offset
		}
	})
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, failed := range fetches.Errors() {
			return failed.Err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			read.see(place{r.Partition, r.Offset}, r.Value)
			if end, some := left[r.Partition]; some && r.Offset+1 >= end {
				delete(left, r.Partition)
			}
		})
	}
	s.ledger.Audited(read)
	return nil
}

// say says it in the log, once, and in the ledger.
func (s *Shop) say(format string, args ...any) {
	s.ledger.Say(format, args...)
	text := fmt.Sprintf(format, args...)
	if s.said.Swap(text) != text {
		fmt.Fprintln(s.out, clock(), text)
	}
}

// clock is how a line of the log begins.
func clock() string { return time.Now().UTC().Format("15:04:05") }

// pause waits, or less where the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
