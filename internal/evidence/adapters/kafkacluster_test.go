package adapters

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// cluster is a Kafka cluster of three brokers with a topic orders of three partitions.
func cluster(t *testing.T, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(3), kfake.SeedTopics(3, "orders")}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// connect makes a client of the test's own.
func connect(t *testing.T, c *kfake.Cluster, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner())}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// produce writes so many records to each partition of orders.
func produce(t *testing.T, client *kgo.Client, counts ...int) {
	t.Helper()
	for partition, count := range counts {
		for range count {
			if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "orders", Partition: int32(partition), Value: []byte("one")}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// commit commits an offset for each partition of a topic; below zero it commits none.
func commit(t *testing.T, client *kgo.Client, group, topic string, at ...int64) {
	t.Helper()
	offsets := kadm.Offsets{}
	for partition, offset := range at {
		if offset >= 0 {
			offsets.AddOffset(topic, int32(partition), offset, -1)
		}
	}
	if err := kadm.NewClient(client).CommitAllOffsets(t.Context(), group, offsets); err != nil {
		t.Fatal(err)
	}
}

// lookAtKafka takes a probe, which must not fail.
func lookAtKafka(t *testing.T, c *kfake.Cluster, topics, groups []string) map[string]any {
	t.Helper()
	got, err := probeOnce(t, kafkaAdapter(), reaching(t, c.ListenAddrs()[0]), kafkaSpec(topics, groups), patient)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// at follows a path of keys.
func at(value any, path ...string) any {
	for _, key := range path {
		inner, _ := value.(map[string]any)
		value = inner[key]
	}
	return value
}

// deadToOlderProtocol answers of groups as Kafka does, to which those of the newer protocol are dead in the older one.
func deadToOlderProtocol(c *kfake.Cluster) {
	c.ControlKey(kmsg.DescribeGroups.Int16(), func(request kmsg.Request) (kmsg.Response, error, bool) {
		answer := request.ResponseKind().(*kmsg.DescribeGroupsResponse)
		for _, name := range request.(*kmsg.DescribeGroupsRequest).Groups {
			group := kmsg.NewDescribeGroupsResponseGroup()
			group.Group, group.State = name, kafkaDead
			answer.Groups = append(answer.Groups, group)
		}
		return answer, nil, true
	})
}

// poll has a member do its work until the test ends.
func poll(t *testing.T, member *kgo.Client) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !member.PollFetches(context.Background()).IsClientClosed() {
		}
	}()
	t.Cleanup(func() {
		member.Close()
		<-done
	})
}

// shared tells whether three members have a partition each.
func shared(group *kfake.GroupInfo) bool {
	if group == nil || group.State != "Stable" || len(group.Members) != 3 {
		return false
	}
	for i := range group.Members {
		if group.Members[i].NumAssigned() != 1 {
			return false
		}
	}
	return true
}
