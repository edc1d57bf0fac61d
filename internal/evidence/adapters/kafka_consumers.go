package adapters

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// consumerGroup asks a coordinator for a group of the newer protocol. Where there is none of that name, the group is
// dead.
func consumerGroup(ctx context.Context, coordinator *kgo.Broker, name string) (kafkaGroup, error) {
	dead := kafkaGroup{state: kafkaDead}
	// The broker has told what it knows when the connection was made; the library keeps that to itself.
	versions, err := kmsg.NewPtrApiVersionsRequest().RequestWith(ctx, coordinator)
	if err != nil {
		return dead, err
	}
	if !knows(versions, kmsg.ConsumerGroupDescribe) {
		return dead, nil
	}
	request := &consumerGroupRequest{kmsg.NewPtrConsumerGroupDescribeRequest()}
	request.Groups = []string{name}
	answer, err := coordinator.Request(ctx, request)
	if err != nil {
		return dead, err
	}
	groups := answer.(*consumerGroupResponse).Groups
	if len(groups) != 1 || groups[0].Group != name {
		return dead, errors.New("it says nothing of group " + name)
	}
	switch err := kerr.ErrorForCode(groups[0].ErrorCode); {
	case errors.Is(err, kerr.GroupIDNotFound), groups[0].State == kafkaDead:
		return dead, nil
	case err != nil:
		return dead, err
	}
	group := kafkaGroup{state: groups[0].State, protocol: groups[0].AssignorName}
	for _, m := range groups[0].Members {
		member := kafkaMember{client: m.ClientID, instance: orEmpty(m.InstanceID), host: m.ClientHost, partitions: map[string][]int32{}}
		for _, topic := range m.Assignment.TopicPartitions {
			member.partitions[topic.Topic] = append(member.partitions[topic.Topic], topic.Partitions...)
		}
		group.members = append(group.members, member)
	}
	return group, nil
}

func knows(versions *kmsg.ApiVersionsResponse, key kmsg.Key) bool {
	for _, known := range versions.ApiKeys {
		if known.ApiKey == key.Int16() {
			return true
		}
	}
	return false
}

// consumerGroupRequest is the one request whose answers have tags in all versions. They are looked through before the
// library reads them.
type consumerGroupRequest struct {
	*kmsg.ConsumerGroupDescribeRequest
}

// ResponseKind implements kmsg.Request.
func (r *consumerGroupRequest) ResponseKind() kmsg.Response {
	return &consumerGroupResponse{r.ConsumerGroupDescribeRequest.ResponseKind().(*kmsg.ConsumerGroupDescribeResponse)}
}

type consumerGroupResponse struct {
	*kmsg.ConsumerGroupDescribeResponse
}

// ReadFrom implements kmsg.Response.
func (r *consumerGroupResponse) ReadFrom(answer []byte) error {
	if err := checkTags(answer); err != nil {
		return err
	}
	return r.ConsumerGroupDescribeResponse.ReadFrom(answer)
}

// UnsafeReadFrom is the other way in which the library may read.
func (r *consumerGroupResponse) UnsafeReadFrom(answer []byte) error { return r.ReadFrom(answer) }

// checkTags goes through an answer of version 0, and refuses one with tags: there are none that mean anything.
func checkTags(answer []byte) error {
	b := &kbin.Reader{Src: answer}
	tagged := false
	tags := func() { tagged = tagged || b.Uvarint() != 0 }
	each := func(read func()) {
		for range max(b.CompactArrayLen(), 0) {
			if !b.Ok() || tagged {
				return
			}
			read()
		}
	}
	assignment := func() {
		each(func() {
			b.Uuid()
			b.CompactString() // topic
			each(func() { b.Int32() })
			tags()
		})
		tags()
	}
	b.Int32() // throttle
	each(func() {
		b.Int16()                 // error
		b.CompactNullableString() // message
		b.CompactString()         // group
		b.CompactString()         // state
		b.Int32()                 // epoch
		b.Int32()                 // epoch of the assignment
		b.CompactString()         // assignor
		each(func() {
			b.CompactString()         // member
			b.CompactNullableString() // instance
			b.CompactNullableString() // rack
			b.Int32()                 // epoch
			b.CompactString()         // client
			b.CompactString()         // host
			each(func() { b.CompactString() })
			b.CompactNullableString() // topics by pattern
			assignment()
			assignment() // the one that it is to get
			tags()
		})
		b.Int32() // rights
		tags()
	})
	tags()
	if tagged {
		return errors.New("it has tags")
	}
	return b.Complete()
}
