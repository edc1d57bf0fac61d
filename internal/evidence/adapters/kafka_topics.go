package adapters

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// maxCommittedTopics bounds the topics that the groups of a probe have committed to.
const maxCommittedTopics = 16

// describeMore asks for the topics that groups have committed to, beside those that are known.
func (l *kafkaLook) describeMore(ctx context.Context, known kadm.TopicDetails, groups map[string]kafkaGroup) (kadm.TopicDetails, error) {
	more := map[string]bool{}
	for _, group := range groups {
		for topic := range group.commits {
			if _, ok := known[topic]; !ok {
				more[topic] = true
			}
		}
	}
	all := maps.Clone(known)
	if len(more) == 0 {
		return all, nil
	}
	if len(more) > maxCommittedTopics {
		return nil, probe.Failf(probe.TooLarge, "%s has groups that read more than %d topics", l.about, maxCommittedTopics)
	}
	details, err := l.describe(ctx, slices.Sorted(maps.Keys(more)))
	if err != nil {
		return nil, err
	}
	maps.Copy(all, details.Topics)
	return all, nil
}

// list asks for an offset of all partitions of some topics.
func (l *kafkaLook) list(
	ctx context.Context, ask func(context.Context, ...string) (kadm.ListedOffsets, error), topics kadm.TopicDetails,
) kadm.ListedOffsets {
	var names []string
	for name, detail := range topics {
		if detail.Err == nil && len(detail.Partitions) > 0 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	listed, err := ask(ctx, names...)
	var parts *kadm.ShardErrors
	if !errors.As(err, &parts) {
		l.note(ctx, "", err)
		return listed
	}
	for _, part := range parts.Errs {
		// A partition without a leader has nobody to ask, which the topic tells.
		if part.Broker.NodeID >= 0 || ctx.Err() != nil {
			l.note(ctx, "", part.Err)
		}
	}
	return listed
}

// only keeps some topics.
func only(details kadm.TopicDetails, names []string) kadm.TopicDetails {
	kept := kadm.TopicDetails{}
	for _, name := range names {
		if detail, ok := details[name]; ok {
			kept[name] = detail
		}
	}
	return kept
}

func topicValue(detail kadm.TopicDetail, starts, ends map[int32]kadm.ListedOffset) map[string]any {
	if detail.Err != nil {
		return map[string]any{"exists": false, "partitions": int64(0)}
	}
	replicas, inSync, leaderless := 0, 0, 0
	for i, partition := range detail.Partitions.Sorted() {
		if i == 0 || len(partition.Replicas) < replicas {
			replicas = len(partition.Replicas)
		}
		if len(partition.ISR) >= len(partition.Replicas) {
			inSync++
		}
		if partition.Leader < 0 {
			leaderless++
		}
	}
	value := map[string]any{
		"exists": true, "partitions": int64(len(detail.Partitions)), "replicas": int64(replicas),
		"inSync": int64(inSync), "leaderless": int64(leaderless),
	}
	first, firstOK := offsets(detail, starts)
	last, lastOK := offsets(detail, ends)
	if firstOK && lastOK {
		start, end := sum(first), sum(last)
		value["start"], value["end"], value["records"] = start, end, end-start
		list := make([]any, len(last))
		for i, offset := range last {
			list[i] = offset
		}
		value["offsets"] = list
	}
	return value
}

// offsets gives the offset of each partition, in their order, if all are known.
func offsets(detail kadm.TopicDetail, listed map[int32]kadm.ListedOffset) ([]int64, bool) {
	all := make([]int64, 0, len(detail.Partitions))
	for _, partition := range detail.Partitions.Sorted() {
		offset, ok := offsetOf(listed, partition.Partition)
		if !ok {
			return nil, false
		}
		all = append(all, offset)
	}
	return all, true
}

func offsetOf(listed map[int32]kadm.ListedOffset, partition int32) (int64, bool) {
	offset, ok := listed[partition]
	return offset.Offset, ok && offset.Err == nil && offset.Offset >= 0
}

func sum(all []int64) int64 {
	var total int64
	for _, one := range all {
		total += one
	}
	return total
}
