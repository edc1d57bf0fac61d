package adapters

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func kafkaSpec(topics, groups []string) *v1beta1.ProbeEvidence {
	return &v1beta1.ProbeEvidence{Target: theServer(), Kafka: &v1beta1.KafkaEvidence{Topics: topics, Groups: groups}}
}

func TestKafkaTopics(t *testing.T) {
	c := cluster(t, kfake.AllowAutoTopicCreation())
	produce(t, connect(t, c), 4, 0, 2)
	if err := c.DeleteRecords("orders", 0, 1); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what is probed is not made by looking
		got := lookAtKafka(t, c, []string{"orders", "payments"}, nil)
		want := map[string]any{
			"brokers": int64(3), "controller": at(got, "controller"), "groups": map[string]any{},
			"topics": map[string]any{
				"orders": map[string]any{
					"exists": true, "partitions": int64(3), "replicas": int64(3), "inSync": int64(3), "leaderless": int64(0),
					"start": int64(1), "end": int64(6), "records": int64(5), "offsets": []any{int64(4), int64(0), int64(2)},
				},
				"payments": map[string]any{"exists": false, "partitions": int64(0)},
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
	}
}

func TestKafkaWithoutTopics(t *testing.T) {
	got := lookAtKafka(t, cluster(t), nil, nil)
	want := map[string]any{"brokers": int64(3), "controller": at(got, "controller"), "topics": map[string]any{}, "groups": map[string]any{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// committedTo is what a group has committed to a topic, as checks see it; none stands for what is not there.
func committedTo(committed, lag int64, partitions ...[3]int64) map[string]any {
	value := map[string]any{"committed": committed}
	list := []any{}
	for number, p := range partitions {
		one := map[string]any{"partition": int64(number)}
		for i, name := range []string{"committed", "end", "lag"} {
			if p[i] != none {
				one[name] = p[i]
			}
		}
		list = append(list, one)
	}
	value["partitions"] = list
	if lag != none {
		value["lag"] = lag
	}
	return value
}

const none = -1

func TestKafkaLag(t *testing.T) {
	tests := map[string]struct {
		do func(*testing.T, *kgo.Client)
		// wantCommitted, wantLag and wantTopics are what checks see of the group, nil for nothing.
		wantCommitted, wantLag any
		wantTopics             map[string]any
	}{
		"everything is committed": {
			do:            func(t *testing.T, client *kgo.Client) { commit(t, client, "billing", "orders", 4, 0, 2) },
			wantCommitted: int64(6), wantLag: int64(0),
			wantTopics: map[string]any{"orders": committedTo(6, 0, [3]int64{4, 4, 0}, [3]int64{0, 0, 0}, [3]int64{2, 2, 0})},
		},
		"some is": {
			do:            func(t *testing.T, client *kgo.Client) { commit(t, client, "billing", "orders", 1, 0, 0) },
			wantCommitted: int64(1), wantLag: int64(5),
			wantTopics: map[string]any{"orders": committedTo(1, 5, [3]int64{1, 4, 3}, [3]int64{0, 0, 0}, [3]int64{0, 2, 2})},
		},
		"a partition is left out": {
			do:            func(t *testing.T, client *kgo.Client) { commit(t, client, "billing", "orders", 4, none, 2) },
			wantCommitted: int64(6),
			wantTopics:    map[string]any{"orders": committedTo(6, none, [3]int64{4, 4, 0}, [3]int64{none, 0, none}, [3]int64{2, 2, 0})},
		},
		"more than there is, which makes up for another partition": {
			do:            func(t *testing.T, client *kgo.Client) { commit(t, client, "billing", "orders", 1, 3, 2) },
			wantCommitted: int64(6),
			wantTopics:    map[string]any{"orders": committedTo(6, none, [3]int64{1, 4, 3}, [3]int64{3, 0, none}, [3]int64{2, 2, 0})},
		},
		"two topics, of which one was not asked for": {
			do: func(t *testing.T, client *kgo.Client) {
				commit(t, client, "billing", "orders", 4, 0, 2)
				commit(t, client, "billing", "refunds", 0)
			},
			wantCommitted: int64(6), wantLag: int64(0),
			wantTopics: map[string]any{
				"orders":  committedTo(6, 0, [3]int64{4, 4, 0}, [3]int64{0, 0, 0}, [3]int64{2, 2, 0}),
				"refunds": committedTo(0, 0, [3]int64{0, 0, 0}),
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := cluster(t, kfake.SeedTopics(1, "refunds"))
			client := connect(t, c)
			produce(t, client, 4, 0, 2)
			tc.do(t, client)
			got := at(lookAtKafka(t, c, []string{"orders"}, []string{"billing"}), "groups", "billing")
			want := map[string]any{
				"exists": true, "state": "Empty", "protocol": "", "memberCount": int64(0), "members": []any{},
				"committed": tc.wantCommitted, "topics": tc.wantTopics,
			}
			if tc.wantLag != nil {
				want["lag"] = tc.wantLag
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("group (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKafkaGroupThatIsNotKnown(t *testing.T) {
	got := lookAtKafka(t, cluster(t), []string{"orders"}, []string{"billing"})
	want := map[string]any{"exists": false, "state": "Dead", "memberCount": int64(0), "members": []any{}}
	if diff := cmp.Diff(want, at(got, "groups", "billing")); diff != "" {
		t.Errorf("a group that is not known has no lag of 0 (-want +got):\n%s", diff)
	}
}

func TestKafkaMembers(t *testing.T) {
	tests := map[string]struct {
		options []kgo.Opt
		prepare func(*kfake.Cluster)
		// topic is how the cluster names the members' topic.
		topic string
	}{
		"of the classic protocol": {prepare: func(*kfake.Cluster) {}, topic: "orders"},
		// Kafka names it here, too; kfake does not.
		"of the newer protocol": {options: []kgo.Opt{kgo.ServerSideBalancer()}, prepare: deadToOlderProtocol, topic: ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := cluster(t)
			produce(t, connect(t, c), 4, 1, 2)
			for i := range 3 {
				member := connect(t, c, append([]kgo.Opt{
					kgo.ConsumerGroup("billing"), kgo.ConsumeTopics("orders"), kgo.ClientID(fmt.Sprintf("billing-%d", i)),
					kgo.InstanceID(fmt.Sprintf("billing-%d", i)), kgo.Balancers(kgo.RangeBalancer()),
				}, tc.options...)...)
				poll(t, member)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if _, err := c.WaitGroupInfo(ctx, "billing", shared); err != nil {
				t.Fatal(err)
			}
			tc.prepare(c)
			group := at(lookAtKafka(t, c, []string{"orders"}, []string{"billing"}), "groups", "billing")
			if at(group, "state") != "Stable" || at(group, "protocol") != "range" || at(group, "memberCount") != int64(3) {
				t.Errorf("the group is %v, %v, with %v members", at(group, "state"), at(group, "protocol"), at(group, "memberCount"))
			}
			seen := map[any]bool{}
			for i, member := range at(group, "members").([]any) {
				numbers, _ := at(member, "partitions", tc.topic).([]any)
				if len(numbers) != 1 || at(member, "assigned") != int64(1) || !strings.HasPrefix(at(member, "host").(string), "127.0.0.1") {
					t.Errorf("member %d is %v", i, member)
					continue
				}
				seen[numbers[0]] = true
				if id := fmt.Sprintf("billing-%d", i); at(member, "client") != id || at(member, "instance") != id {
					t.Errorf("member %d is %v", i, member)
				}
			}
			if diff := cmp.Diff(map[any]bool{int64(0): true, int64(1): true, int64(2): true}, seen); diff != "" {
				t.Errorf("partitions (-want +got):\n%s", diff)
			}
		})
	}
}
