package adapters

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strconv"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// kafkaBroker is the only broker of a cluster with a topic orders of one partition, and a group billing. It answers as
// told, whether it makes sense or not.
type kafkaBroker struct {
	// host and port that it advertises.
	host string
	port int32
	// answers to some requests, word for word, without the number of the request.
	answers map[kmsg.Key][]byte
	// change changes an answer that is not in answers.
	change func(kmsg.Response)
}

func (k *kafkaBroker) serve(_ context.Context, conn net.Conn) {
	for {
		head := make([]byte, 12)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		rest := int64(binary.BigEndian.Uint32(head)) - int64(len(head)-4)
		if _, err := io.CopyN(io.Discard, conn, rest); err != nil {
			return
		}
		key, version := kmsg.Key(binary.BigEndian.Uint16(head[4:])), int16(binary.BigEndian.Uint16(head[6:]))
		answer := append(make([]byte, 4, 64), head[8:]...)
		if words, ok := k.answers[key]; ok {
			answer = append(answer, words...)
		} else {
			answer = append(answer, k.answer(key, version)...)
		}
		binary.BigEndian.PutUint32(answer, uint32(len(answer)-4))
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

func (k *kafkaBroker) answer(key kmsg.Key, version int16) []byte {
	var said kmsg.Response
	var words []byte
	switch key {
	case kmsg.ApiVersions:
		said = k.versions()
	case kmsg.Metadata:
		said = k.metadata()
	case kmsg.FindCoordinator:
		said = &kmsg.FindCoordinatorResponse{NodeID: 1, Host: k.host, Port: k.port}
	case kmsg.ListOffsets:
		said = &kmsg.ListOffsetsResponse{Topics: []kmsg.ListOffsetsResponseTopic{
			{Topic: "orders", Partitions: []kmsg.ListOffsetsResponseTopicPartition{{Offset: 9}}},
		}}
	case kmsg.OffsetFetch:
		said = &kmsg.OffsetFetchResponse{Topics: []kmsg.OffsetFetchResponseTopic{
			{Topic: "orders", Partitions: []kmsg.OffsetFetchResponseTopicPartition{{Offset: 7}}},
		}}
	case kmsg.DescribeGroups:
		said = &kmsg.DescribeGroupsResponse{Groups: []kmsg.DescribeGroupsResponseGroup{{Group: "billing", State: kafkaDead}}}
	case kmsg.ConsumerGroupDescribe:
		said = k.consumerGroup()
		words = []byte{0} // no tags before it
	default:
		return nil
	}
	said.SetVersion(version)
	if k.change != nil {
		k.change(said)
	}
	return said.AppendTo(words)
}

func (*kafkaBroker) versions() kmsg.Response {
	said := &kmsg.ApiVersionsResponse{}
	kafkaVersions().EachMaxKeyVersion(func(key, version int16) {
		said.ApiKeys = append(said.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: key, MaxVersion: version})
	})
	return said
}

func (k *kafkaBroker) metadata() kmsg.Response {
	return &kmsg.MetadataResponse{
		Brokers: []kmsg.MetadataResponseBroker{{NodeID: 1, Host: k.host, Port: k.port}}, ControllerID: 1,
		Topics: []kmsg.MetadataResponseTopic{{Topic: kmsg.StringPtr("orders"), Partitions: []kmsg.MetadataResponseTopicPartition{
			{Leader: 1, Replicas: []int32{1}, ISR: []int32{1}},
		}}},
	}
}

func (*kafkaBroker) consumerGroup() kmsg.Response {
	member := kmsg.ConsumerGroupDescribeResponseGroupMember{ClientID: "billing-0", ClientHost: "/10.0.0.7"}
	member.Assignment.TopicPartitions = []kmsg.AssignmentTopicPartition{{Topic: "orders", Partitions: []int32{0}}}
	return &kmsg.ConsumerGroupDescribeResponse{Groups: []kmsg.ConsumerGroupDescribeResponseGroup{
		{Group: "billing", State: "Stable", AssignorName: "uniform", Members: []kmsg.ConsumerGroupDescribeResponseGroupMember{member}},
	}}
}

// advertise has the broker advertise where it listens.
func (k *kafkaBroker) advertise(address string) {
	host, text, _ := net.SplitHostPort(address)
	port, _ := strconv.ParseInt(text, 10, 32)
	k.host, k.port = host, int32(port)
}
