package adapters

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

const (
	// kafkaSeed stands for the target of the probe. What brokers advertise is looked up, so it is none of their
	// names.
	kafkaSeed = "lab-operator.invalid:1"
	// maxBrokers bounds the brokers of a cluster, and maxDials the connections of a probe: one to each broker by its own
	// name, and some to find the first.
	maxBrokers = 8
	maxDials   = 2 * maxBrokers
)

func kafkaAdapter() probe.Adapter {
	return probe.Adapter{
		Name:   "kafka",
		Fields: kafkaFields(),
		Keys: func(field string, spec *v1beta1.ProbeEvidence) []string {
			switch field {
			case "topics":
				return slices.Clone(spec.Kafka.Topics)
			case "groups":
				return slices.Clone(spec.Kafka.Groups)
			}
			return nil
		},
		Probe: func(ctx context.Context, dialer probe.Dialer, spec *v1beta1.ProbeEvidence) (map[string]any, error) {
			return probeKafka(ctx, dialer, *spec.Target, spec.Kafka)
		},
	}
}

func kafkaFields() []probe.Field {
	return []probe.Field{
		{Name: "brokers", Type: "int", Doc: "how many brokers the cluster has at the moment"},
		{Name: "controller", Type: "int", Doc: "the number of the broker that says it is the controller, -1 where there is none"},
		{Name: "topics", Type: "map", Doc: "the topics that were asked for, by name"},
		{Name: "topics.<topic>.exists", Type: "bool", Doc: "whether the topic is there; if not, it has partitions besides, which are 0, and nothing else"},
		{Name: "topics.<topic>.partitions", Type: "int", Doc: "how many partitions it has"},
		{Name: "topics.<topic>.replicas", Type: "int", Doc: "how many replicas each partition has, in the one that has fewest"},
		{Name: "topics.<topic>.inSync", Type: "int", Doc: "how many partitions have all their replicas in sync"},
		{Name: "topics.<topic>.leaderless", Type: "int", Doc: "how many partitions have no leader"},
		{Name: "topics.<topic>.start", Type: "int", Doc: "the first offsets of all partitions, added up; no entry while a partition does not tell"},
		{Name: "topics.<topic>.end", Type: "int", Doc: "the offsets after the last records of all partitions, added up; no entry while a partition does not tell"},
		{Name: "topics.<topic>.records", Type: "int", Doc: "end less start; no entry while a partition does not tell"},
		{Name: "topics.<topic>.offsets", Type: "list", Doc: "the offset after the last record of each partition, in their order; no entry while a partition does not tell"},
		{Name: "groups", Type: "map", Doc: "the consumer groups that were asked for, by name"},
		{Name: "groups.<group>.exists", Type: "bool", Doc: "whether the group is known; if not, it has neither committed nor lag nor topics"},
		{Name: "groups.<group>.state", Type: "string", Doc: "Stable, Empty (without members), a state of rebalancing, or Dead (not known)"},
		{Name: "groups.<group>.protocol", Type: "string", Doc: "how the group shares partitions, as in range"},
		{Name: "groups.<group>.memberCount", Type: "int", Doc: "how many members it has"},
		{Name: "groups.<group>.members", Type: "list", Doc: "the members, each a map of client, instance (empty for a member that has no fixed name), host, assigned and partitions"},
		{Name: "groups.<group>.members[].assigned", Type: "int", Doc: "how many partitions the member has"},
		{Name: "groups.<group>.members[].partitions", Type: "map", Doc: "the numbers of the member's partitions, by topic"},
		{Name: "groups.<group>.committed", Type: "int", Doc: "the offsets that the group has committed, added up"},
		{Name: "groups.<group>.lag", Type: "int", Doc: "how many records the group has yet to commit; an entry only where it has committed to each partition of every topic that it has committed to, and nowhere beyond the end"},
		{Name: "groups.<group>.topics.<topic>.committed", Type: "int", Doc: "the same for a topic"},
		{Name: "groups.<group>.topics.<topic>.lag", Type: "int", Doc: "the same for a topic"},
		{Name: "groups.<group>.topics.<topic>.partitions", Type: "list", Doc: "the partitions, each a map of partition, end, and of committed and lag where there are such"},
	}
}

// kafkaLook is one probe at a Kafka cluster.
type kafkaLook struct {
	*session
	client *kgo.Client
	admin  *kadm.Client
	// reachable is how many servers the client knows to ask.
	reachable int
	// failed is the first failure. What is not affected by it is read nevertheless.
	failed error
}

func probeKafka(ctx context.Context, dialer probe.Dialer, target v1beta1.ProbeTarget, spec *v1beta1.KafkaEvidence) (map[string]any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	endpoints, err := dialer.Endpoints(ctx, target)
	if err != nil {
		return nil, err
	}
	s := newSession(dialer, target)
	defer s.close()
	client, err := kgo.NewClient(kafkaOptions(ctx, s, endpoints)...)
	if err != nil {
		return nil, &probe.Fault{Message: "the client of Kafka cannot be made: " + err.Error(), Lasting: true}
	}
	defer client.Close()
	l := &kafkaLook{session: s, client: client, admin: kadm.NewClient(client), reachable: len(endpoints)}
	values, err := l.values(ctx, spec)
	if err != nil {
		return nil, l.sort(ctx, "", err)
	}
	if err := bound(s.about, values); err != nil {
		return nil, err
	}
	return values, l.failed
}

func (l *kafkaLook) values(ctx context.Context, spec *v1beta1.KafkaEvidence) (map[string]any, error) {
	details, err := l.describe(ctx, spec.Topics)
	if err != nil {
		return nil, err
	}
	groups := l.describeGroups(ctx, spec.Groups)
	known, err := l.describeMore(ctx, details.Topics, groups)
	if err != nil {
		return nil, err
	}
	ends := l.list(ctx, l.admin.ListEndOffsets, known)
	starts := l.list(ctx, l.admin.ListStartOffsets, only(known, spec.Topics))
	values := map[string]any{"brokers": int64(len(details.Brokers)), "controller": int64(details.Controller)}
	topicValues, groupValues := map[string]any{}, map[string]any{}
	for _, name := range spec.Topics {
		if detail, ok := known[name]; ok {
			topicValues[name] = topicValue(detail, starts[name], ends[name])
		}
	}
	for name, group := range groups {
		groupValues[name] = groupValue(group, known, ends)
	}
	values["topics"], values["groups"] = topicValues, groupValues
	return values, nil
}

// note keeps the first failure; what is what was asked for.
func (l *kafkaLook) note(ctx context.Context, what string, err error) {
	if l.failed == nil && err != nil {
		l.failed = l.sort(ctx, what, err)
	}
}

// sort sorts an error.
func (l *kafkaLook) sort(ctx context.Context, what string, err error) error {
	var said *kerr.Error
	if ctx.Err() == nil && errors.As(err, &said) {
		if what != "" {
			what = " for " + what
		}
		return probe.Failf(probe.Rejected, "%s answers%s: %s (%s)", l.about, what, said.Description, said.Message)
	}
	return l.failure(ctx, cause(err))
}

// kafkaOptions are those of a client that reads a few answers and does nothing by itself.
func kafkaOptions(ctx context.Context, s *session, endpoints []probe.Endpoint) []kgo.Opt {
	var dials, seeds atomic.Int64
	return []kgo.Opt{
		kgo.WithContext(ctx),
		kgo.SeedBrokers(kafkaSeed),
		kgo.Dialer(func(_ context.Context, _, address string) (net.Conn, error) {
			if dials.Add(1) > maxDials {
				return nil, probe.Failf(probe.TooLarge, "%s sends to more than %d brokers", s.about, maxBrokers)
			}
			// The connection is for more than one request, so it does not end with the context of one.
			inspect := &kafkaInspector{about: s.about}
			if address == kafkaSeed {
				// One endpoint after the other: the one before could not be used.
				return s.dial(ctx, endpoints[min(int(seeds.Add(1)), len(endpoints))-1], inspect)
			}
			endpoint, err := s.dialer.Advertised(ctx, address)
			if err != nil {
				return nil, err
			}
			return s.dial(ctx, endpoint, inspect)
		}),
		kgo.ClientID("lab-operator"),
		kgo.MaxVersions(kafkaVersions()),
		// Nothing is fetched; the client wants that to be smaller.
		kgo.BrokerMaxReadBytes(kafkaAnswer), kgo.FetchMaxBytes(kafkaAnswer),
		kgo.RequestRetries(0),
		// What the brokers said first holds for the whole probe.
		kgo.MetadataMinAge(time.Minute),
		kgo.DisableClientMetrics(),
	}
}

// isAway tells whether a server could not be asked, and another one may be.
func (l *kafkaLook) isAway(ctx context.Context, err error) bool {
	var failure *probe.Failure
	return errors.As(l.sort(ctx, "", err), &failure) &&
		(failure.Reason == probe.NotRunning || failure.Reason == probe.Refused || failure.Reason == probe.Closed)
}

// describe asks for the brokers and for topics.
func (l *kafkaLook) describe(ctx context.Context, topics []string) (kadm.Metadata, error) {
	ask := l.admin.Metadata
	if len(topics) == 0 {
		ask = func(ctx context.Context, _ ...string) (kadm.Metadata, error) { return l.admin.BrokerMetadata(ctx) }
	}
	details, err := ask(ctx, topics...)
	// The client asks any server, and another one the next time.
	for tries := 1; tries < l.reachable && l.isAway(ctx, err); tries++ {
		details, err = ask(ctx, topics...)
	}
	if err != nil {
		return kadm.Metadata{}, err
	}
	if len(details.Brokers) > maxBrokers {
		return kadm.Metadata{}, probe.Failf(probe.TooLarge, "%s has more than %d brokers", l.about, maxBrokers)
	}
	for _, name := range topics {
		detail, ok := details.Topics[name]
		switch {
		case !ok:
			return kadm.Metadata{}, fmt.Errorf("it says nothing of topic %s", name)
		case len(detail.Partitions) > maxItems:
			return kadm.Metadata{}, probe.Failf(probe.TooLarge, "%s has more than %d partitions of topic %s", l.about, maxItems, name)
		case detail.Err != nil && !errors.Is(detail.Err, kerr.UnknownTopicOrPartition):
			l.note(ctx, "topic "+name, detail.Err)
			delete(details.Topics, name)
		}
	}
	l.reachable = len(details.Brokers) + 1
	return details, nil
}
