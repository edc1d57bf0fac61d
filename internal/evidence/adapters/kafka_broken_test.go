package adapters

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// lookAtBroker probes at the topic and the group of a broker.
func lookAtBroker(t *testing.T, broker *kafkaBroker, limit time.Duration) (map[string]any, *testDialer, error) {
	t.Helper()
	address := serve(t, broker.serve)
	if broker.host == "" {
		broker.advertise(address)
	}
	dialer := reaching(t, address)
	got, err := probeOnce(t, kafkaAdapter(), dialer, kafkaSpec([]string{"orders"}, []string{"billing"}), limit)
	return got, dialer, err
}

func TestKafkaBrokerThatAnswers(t *testing.T) {
	got, _, err := lookAtBroker(t, &kafkaBroker{}, patient)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"brokers": int64(1), "controller": int64(1),
		"topics": map[string]any{"orders": map[string]any{
			"exists": true, "partitions": int64(1), "replicas": int64(1), "inSync": int64(1), "leaderless": int64(0),
			"start": int64(9), "end": int64(9), "records": int64(0), "offsets": []any{int64(9)},
		}},
		"groups": map[string]any{"billing": map[string]any{
			"exists": true, "state": "Stable", "protocol": "uniform", "memberCount": int64(1), "committed": int64(7), "lag": int64(2),
			"topics": map[string]any{"orders": committedTo(7, 2, [3]int64{7, 9, 2})},
			"members": []any{map[string]any{
				"client": "billing-0", "instance": "", "host": "10.0.0.7", "assigned": int64(1), "partitions": map[string]any{"orders": []any{int64(0)}},
			}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestKafkaBrokersThatAnswerWithErrors(t *testing.T) {
	tests := map[string]struct {
		broker *kafkaBroker
		want   failed
		// wantThere and wantMissing are paths of values that are told, or not, nevertheless.
		wantThere, wantMissing [][]string
	}{
		"a coordinator that is not available": {
			broker: changing(func(said *kmsg.FindCoordinatorResponse) { said.ErrorCode = kerr.CoordinatorNotAvailable.Code }),
			want: failed{
				probe.Rejected, "server:1234 answers for group billing: The coordinator is not available. (COORDINATOR_NOT_AVAILABLE)",
			},
			wantThere: [][]string{{"topics", "orders", "records"}}, wantMissing: [][]string{{"groups", "billing"}},
		},
		"a group that may not be described": {
			broker: changing(func(said *kmsg.DescribeGroupsResponse) {
				said.Groups[0].ErrorCode = kerr.CoordinatorLoadInProgress.Code
			}),
			want: failed{
				probe.Rejected,
				"server:1234 answers for group billing: The coordinator is loading and hence can't process requests. (COORDINATOR_LOAD_IN_PROGRESS)",
			},
			wantThere: [][]string{{"topics", "orders", "records"}}, wantMissing: [][]string{{"groups", "billing"}},
		},
		"a topic that has no leader yet": {
			broker: changing(func(said *kmsg.MetadataResponse) { said.Topics[0].ErrorCode = kerr.LeaderNotAvailable.Code }),
			want: failed{
				probe.Rejected, "server:1234 answers for topic orders: " + kerr.LeaderNotAvailable.Description + " (LEADER_NOT_AVAILABLE)",
			},
			wantThere: [][]string{{"brokers"}}, wantMissing: [][]string{{"topics", "orders"}, {"groups", "billing", "lag"}},
		},
		"a partition without a leader is no failure": {
			broker:      changing(func(said *kmsg.MetadataResponse) { said.Topics[0].Partitions[0].Leader = -1 }),
			wantThere:   [][]string{{"topics", "orders", "leaderless"}, {"groups", "billing", "committed"}},
			wantMissing: [][]string{{"topics", "orders", "records"}, {"topics", "orders", "offsets"}, {"groups", "billing", "lag"}},
		},
		"a broker that does not know the newer groups": {
			broker: changing(func(said *kmsg.ApiVersionsResponse) {
				said.ApiKeys = slicesWithout(said.ApiKeys, kmsg.ConsumerGroupDescribe)
			}),
			wantThere: [][]string{{"groups", "billing", "exists"}}, wantMissing: [][]string{{"groups", "billing", "lag"}, {"groups", "billing", "committed"}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, _, err := lookAtBroker(t, tc.broker, patient)
			if diff := cmp.Diff(tc.want, failedWith(t, err), cmp.AllowUnexported(failed{})); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			for _, path := range tc.wantThere {
				if at(got, path...) == nil {
					t.Errorf("%v is missing", path)
				}
			}
			for _, path := range tc.wantMissing {
				if there := at(got, path...); there != nil {
					t.Errorf("%v is %v", path, there)
				}
			}
		})
	}
}

// changing is a broker that changes its answers of one kind.
func changing[R kmsg.Response](change func(R)) *kafkaBroker {
	return &kafkaBroker{change: func(said kmsg.Response) {
		if its, ok := said.(R); ok {
			change(its)
		}
	}}
}

func slicesWithout(keys []kmsg.ApiVersionsResponseApiKey, without kmsg.Key) []kmsg.ApiVersionsResponseApiKey {
	var kept []kmsg.ApiVersionsResponseApiKey
	for _, key := range keys {
		if key.ApiKey != without.Int16() {
			kept = append(kept, key)
		}
	}
	return kept
}

func TestKafkaBrokerThatIsAway(t *testing.T) {
	c := cluster(t)
	client := connect(t, c)
	produce(t, client, 4, 0, 2)
	commit(t, client, "billing", "orders", 4, 0, 2)
	leader := c.LeaderFor("orders", 0)
	for partition := range int32(3) { // the group's coordinator stays
		if err := c.MoveTopicPartition("orders", partition, (c.CoordinatorFor("billing")+1)%3); err != nil {
			t.Fatal(err)
		}
		leader = c.LeaderFor("orders", partition)
	}
	dialer := reaching(t, c.ListenAddrs()[0])
	dialer.away = []string{c.ListenAddrs()[leader]}
	got, err := probeOnce(t, kafkaAdapter(), dialer, kafkaSpec([]string{"orders"}, []string{"billing"}), patient)
	if want := (failed{probe.NotRunning, "pod away does not run"}); failedWith(t, err) != want {
		t.Errorf("it is %v, want %v", err, want)
	}
	if got := at(got, "topics", "orders", "partitions"); got != int64(3) {
		t.Errorf("partitions is %v", got)
	}
	if at(got, "groups", "billing", "committed") != int64(6) || at(got, "groups", "billing", "lag") != nil || at(got, "topics", "orders", "records") != nil {
		t.Errorf("the group is %v, the topic %v", at(got, "groups", "billing"), at(got, "topics", "orders"))
	}
}

func TestKafkaAnswersThatAreTooMuch(t *testing.T) {
	const manyTags = "\xff\xff\xff\xff\x0f"
	noGroups := "\x00\x00\x00\x00\x01" // no throttling, a list of none
	tests := map[string]struct {
		broker *kafkaBroker
		// limit is how long the probe may take, for ever so long if left out.
		limit time.Duration
		want  failed
	}{
		"an answer": {
			broker: &kafkaBroker{answers: map[kmsg.Key][]byte{kmsg.Metadata: make([]byte, 1<<20)}},
			want:   failed{probe.TooLarge, "server:1234 answers with more than 128 KiB"},
		},
		"a list that is announced": {
			broker: &kafkaBroker{answers: map[kmsg.Key][]byte{kmsg.Metadata: announcing(100_000)}},
			want:   failed{probe.Malformed, "server:1234 gives an answer that is not understood: response did not contain enough data to be valid"},
		},
		"tags before an answer": {
			broker: &kafkaBroker{answers: map[kmsg.Key][]byte{kmsg.ConsumerGroupDescribe: []byte(manyTags + noGroups + "\x00")}},
			want:   failed{probe.Malformed, "server:1234 gives an answer that is not understood: it is not in the protocol of Kafka"},
		},
		"tags after an answer": {
			broker: &kafkaBroker{answers: map[kmsg.Key][]byte{kmsg.ConsumerGroupDescribe: []byte("\x00" + noGroups + manyTags)}},
			want:   failed{probe.Malformed, "server:1234 gives an answer that is not understood: it has tags"},
		},
		"brokers": {
			broker: changing(func(said *kmsg.MetadataResponse) {
				for id := range int32(1000) {
					said.Brokers = append(said.Brokers, kmsg.MetadataResponseBroker{NodeID: id + 2, Host: "127.0.0.1", Port: 1})
				}
			}),
			want: failed{probe.TooLarge, "server:1234 has more than 8 brokers"},
		},
		"partitions": {
			broker: changing(func(said *kmsg.MetadataResponse) {
				for number := range int32(1000) {
					said.Topics[0].Partitions = append(said.Topics[0].Partitions, kmsg.MetadataResponseTopicPartition{Partition: number})
				}
			}),
			want: failed{probe.TooLarge, "server:1234 has more than 200 partitions of topic orders"},
		},
		"topics that a group reads": {
			broker: changing(func(said *kmsg.OffsetFetchResponse) {
				for number := range 1000 {
					said.Topics = append(said.Topics, kmsg.OffsetFetchResponseTopic{
						Topic: fmt.Sprintf("t%d", number), Partitions: []kmsg.OffsetFetchResponseTopicPartition{{Offset: 1}},
					})
				}
			}),
			want: failed{probe.TooLarge, "server:1234 has groups that read more than 16 topics"},
		},
		"members": {
			broker: changing(func(said *kmsg.ConsumerGroupDescribeResponse) {
				said.Groups[0].Members = make([]kmsg.ConsumerGroupDescribeResponseGroupMember, 1000)
			}),
			want: failed{probe.TooLarge, "server:1234 has more than 200 members in group billing"},
		},
		"a time to wait": {
			broker: changing(func(said *kmsg.MetadataResponse) { said.ThrottleMillis = 1 << 23 }),
			limit:  short,
			want:   failed{probe.TimedOut, "server:1234 does not answer in time"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if tc.limit == 0 {
				tc.limit = patient
			}
			_, dialer, err := lookAtBroker(t, tc.broker, tc.limit)
			if diff := cmp.Diff(tc.want, failedWith(t, err), cmp.AllowUnexported(failed{})); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if read := dialer.read.Load(); read > maxRead+64<<10 {
				t.Errorf("%d bytes were read", read)
			}
		})
	}
}

// announcing is an answer that begins a list of more than there is.
func announcing(count uint32) []byte {
	answer := binary.BigEndian.AppendUint32(make([]byte, 4), count)
	return append(answer, bytes.Repeat([]byte{1}, int(count))...)
}

// A broker may name ever more leaders, all of which are itself.
func TestKafkaBrokerThatSendsAround(t *testing.T) {
	broker := &kafkaBroker{}
	address := serve(t, broker.serve)
	broker.advertise(address)
	var asked atomic.Bool
	broker.change = func(said kmsg.Response) {
		metadata, ok := said.(*kmsg.MetadataResponse)
		if !ok {
			return
		}
		partitions := make([]kmsg.MetadataResponseTopicPartition, maxItems)
		for i := range partitions {
			partitions[i].Partition, partitions[i].Leader = int32(i), int32(100+i)
			if asked.Load() {
				metadata.Brokers = append(metadata.Brokers, kmsg.MetadataResponseBroker{NodeID: int32(100 + i), Host: broker.host, Port: broker.port})
			}
		}
		metadata.Topics[0].Partitions = partitions
		asked.Store(true)
	}
	dialer := reaching(t, address)
	_, err := probeOnce(t, kafkaAdapter(), dialer, kafkaSpec([]string{"orders"}, nil), patient)
	if want := (failed{probe.TooLarge, "server:1234 sends to more than 8 brokers"}); failedWith(t, err) != want {
		t.Errorf("it is %v, want %v", err, want)
	}
	if dialed := dialer.dialed.Load(); dialed > maxDials {
		t.Errorf("%d connections were made", dialed)
	}
}

func TestKafkaFirstEndpointThatRefuses(t *testing.T) {
	dialer := reaching(t, cluster(t).ListenAddrs()[0])
	dialer.before = []int32{nobody(t)}
	got, err := probeOnce(t, kafkaAdapter(), dialer, kafkaSpec([]string{"orders"}, nil), patient)
	if err != nil || at(got, "brokers") != int64(3) {
		t.Errorf("error %v, values %v", err, got)
	}
}
