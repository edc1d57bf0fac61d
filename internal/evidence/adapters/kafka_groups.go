package adapters

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/text"
)

// kafkaDead is the state of a group that is not known.
const kafkaDead = "Dead"

// kafkaGroup is a consumer group, of either of the protocols that Kafka has for them.
type kafkaGroup struct {
	state, protocol string
	members         []kafkaMember
	// commits are the offsets that it has committed, by topic and partition.
	commits map[string]map[int32]int64
}

type kafkaMember struct {
	client, instance, host string
	partitions             map[string][]int32
}

// describeGroups asks for groups. There is no entry for one of which it learns nothing.
func (l *kafkaLook) describeGroups(ctx context.Context, names []string) map[string]kafkaGroup {
	groups := map[string]kafkaGroup{}
	for _, name := range names {
		group, err := l.describeGroup(ctx, name)
		if err != nil {
			l.note(ctx, "group "+name, err)
			continue
		}
		groups[name] = group
	}
	return groups
}

// describeGroup asks for a group. The admin client would ask any broker for the coordinator, and so at times one that is
// down; here it is the one that has answered before.
func (l *kafkaLook) describeGroup(ctx context.Context, name string) (kafkaGroup, error) {
	find := kmsg.NewPtrFindCoordinatorRequest()
	find.CoordinatorKey = name
	found, err := find.RequestWith(ctx, l.client.SeedBrokers()[0])
	if err != nil {
		return kafkaGroup{}, err
	}
	if err := kerr.ErrorForCode(found.ErrorCode); err != nil {
		return kafkaGroup{}, err
	}
	coordinator := l.client.Broker(int(found.NodeID))
	group, err := classicGroup(ctx, coordinator, name)
	if err == nil && group.state == kafkaDead {
		// Groups of the newer protocol are dead to who asks with the older one.
		group, err = consumerGroup(ctx, coordinator, name)
	}
	if err != nil || group.state == kafkaDead {
		return group, err
	}
	if len(group.members) > maxItems {
		return kafkaGroup{}, probe.Failf(probe.TooLarge, "%s has more than %d members in group %s", l.about, maxItems, name)
	}
	slices.SortFunc(group.members, func(a, b kafkaMember) int {
		return cmp.Or(cmp.Compare(a.instance, b.instance), cmp.Compare(a.client, b.client), cmp.Compare(a.host, b.host))
	})
	group.commits, err = commitsOf(ctx, coordinator, name)
	return group, err
}

// classicGroup asks a coordinator for a group of the older protocol.
func classicGroup(ctx context.Context, coordinator *kgo.Broker, name string) (kafkaGroup, error) {
	request := kmsg.NewPtrDescribeGroupsRequest()
	request.Groups = []string{name}
	answer, err := request.RequestWith(ctx, coordinator)
	if err != nil {
		return kafkaGroup{}, err
	}
	if len(answer.Groups) != 1 || answer.Groups[0].Group != name {
		return kafkaGroup{}, errors.New("it says nothing of group " + name)
	}
	said := &answer.Groups[0]
	if err := kerr.ErrorForCode(said.ErrorCode); err != nil {
		return kafkaGroup{}, err
	}
	group := kafkaGroup{state: said.State, protocol: said.Protocol}
	for _, m := range said.Members {
		member := kafkaMember{client: m.ClientID, instance: orEmpty(m.InstanceID), host: m.ClientHost, partitions: map[string][]int32{}}
		// Members write it, each in the form of its own protocol: what is not in the form of consumers has no partitions.
		var assigned kmsg.ConsumerMemberAssignment
		if said.ProtocolType == "consumer" && assigned.ReadFrom(m.MemberAssignment) == nil {
			for _, topic := range assigned.Topics {
				member.partitions[topic.Topic] = append(member.partitions[topic.Topic], topic.Partitions...)
			}
		}
		group.members = append(group.members, member)
	}
	return group, nil
}

// commitsOf asks a coordinator what a group has committed.
func commitsOf(ctx context.Context, coordinator *kgo.Broker, name string) (map[string]map[int32]int64, error) {
	request := kmsg.NewPtrOffsetFetchRequest()
	request.Group = name
	answer, err := request.RequestWith(ctx, coordinator)
	if err != nil {
		return nil, err
	}
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		return nil, err
	}
	commits := map[string]map[int32]int64{}
	for _, topic := range answer.Topics {
		for _, partition := range topic.Partitions {
			switch err := kerr.ErrorForCode(partition.ErrorCode); {
			case errors.Is(err, kerr.UnknownTopicOrPartition), err == nil && partition.Offset < 0:
				continue
			case err != nil:
				return nil, err
			}
			if commits[topic.Topic] == nil {
				commits[topic.Topic] = map[int32]int64{}
			}
			commits[topic.Topic][partition.Partition] = partition.Offset
		}
	}
	return commits, nil
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func groupValue(group kafkaGroup, known kadm.TopicDetails, ends kadm.ListedOffsets) map[string]any {
	members := make([]any, len(group.members))
	for i, member := range group.members {
		members[i] = memberValue(member)
	}
	value := map[string]any{
		"exists": group.state != kafkaDead, "state": text.Valid(group.state), "memberCount": int64(len(members)), "members": members,
	}
	if group.state == kafkaDead {
		return value
	}
	value["protocol"] = text.Valid(group.protocol)
	topics := map[string]any{}
	var committed, lag int64
	complete := len(group.commits) > 0
	for topic, partitions := range group.commits {
		one := committedValue(partitions, known[topic], ends[topic])
		topics[text.Valid(topic)] = one
		committed += one["committed"].(int64)
		behind, ok := one["lag"].(int64)
		complete = complete && ok
		lag += behind
	}
	value["topics"], value["committed"] = topics, committed
	if complete {
		value["lag"] = lag
	}
	return value
}

func memberValue(member kafkaMember) map[string]any {
	partitions, assigned := map[string]any{}, 0
	for topic, numbers := range member.partitions {
		slices.Sort(numbers)
		list := make([]any, len(numbers))
		for i, number := range numbers {
			list[i] = int64(number)
		}
		partitions[text.Valid(topic)] = list
		assigned += len(numbers)
	}
	return map[string]any{
		"client": text.Valid(member.client), "instance": text.Valid(member.instance), "host": text.Valid(strings.TrimPrefix(member.host, "/")),
		"assigned": int64(assigned), "partitions": partitions,
	}
}

// committedValue tells what a group has committed to a topic. A lag is told only where it is one: who has not committed
// to a partition has read nothing of it or everything, and who has committed beyond the end has not read that far.
func committedValue(commits map[int32]int64, detail kadm.TopicDetail, ends map[int32]kadm.ListedOffset) map[string]any {
	numbers := slices.Collect(maps.Keys(commits))
	for number := range detail.Partitions {
		if _, ok := commits[number]; !ok {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	var committed, lag int64
	complete := len(detail.Partitions) > 0
	list := make([]any, 0, len(numbers))
	for _, number := range numbers {
		one := map[string]any{"partition": int64(number)}
		end, ended := offsetOf(ends, number)
		if ended {
			one["end"] = end
		}
		commit, ok := commits[number]
		if ok {
			one["committed"] = commit
			committed += commit
		}
		if ok = ok && ended && commit <= end; ok {
			one["lag"] = end - commit
			lag += end - commit
		}
		complete = complete && ok
		list = append(list, one)
	}
	value := map[string]any{"committed": committed, "partitions": list}
	if complete {
		value["lag"] = lag
	}
	return value
}
