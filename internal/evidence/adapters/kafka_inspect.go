package adapters

import (
	"encoding/binary"
	"errors"

	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

const (
	// kafkaAnswer bounds one answer, in bytes. In memory it can take more than a hundred times that: the library sets
	// aside the largest list that could fit in the rest of an answer.
	kafkaAnswer = 128 << 10
	// kafkaFirstAnswer bounds the first answer on a connection, which lists the requests that a broker knows.
	kafkaFirstAnswer = 16 << 10
	// kafkaHead is how much of an answer is probed: its length, its number, and one byte more.
	kafkaHead = 9
)

// kafkaVersions are the requests that are sent, each in the last version whose answers have no tags. How many tags
// follow is a number that the library believes: it would count to four billion, and nothing could stop it. The
// exception has tags in every version, see consumerGroup.
func kafkaVersions() *kversion.Versions {
	versions := &kversion.Versions{}
	for key, version := range map[kmsg.Key]int16{
		kmsg.ApiVersions: 2, kmsg.Metadata: 8, kmsg.ListOffsets: 5,
		kmsg.FindCoordinator: 2, kmsg.DescribeGroups: 4, kmsg.OffsetFetch: 5, kmsg.ConsumerGroupDescribe: 0,
	} {
		versions.SetMaxKeyVersion(key.Int16(), version)
	}
	return versions
}

// kafkaInspector follows Kafka's protocol as far as answers begin and end, and refuses what is too large or nonsense.
type kafkaInspector struct {
	about string
	// head of the answer, as far as it has come.
	head []byte
	// left is how much of the answer is still to come after its head.
	left int
	// greeted tells whether there was an answer before.
	greeted bool
}

// inspect implements inspector.
func (k *kafkaInspector) inspect(piece []byte) error {
	for len(piece) > 0 {
		if k.left > 0 {
			skipped := min(k.left, len(piece))
			k.left -= skipped
			piece = piece[skipped:]
			continue
		}
		k.head = append(k.head, piece[0])
		piece = piece[1:]
		if err := k.begin(); err != nil {
			return err
		}
	}
	return nil
}

// begin probes at the head of an answer, as far as it has come.
func (k *kafkaInspector) begin() error {
	const lengthEnd, numberEnd = 4, 8
	if len(k.head) < lengthEnd {
		return nil
	}
	length := int64(binary.BigEndian.Uint32(k.head))
	switch {
	case len(k.head) == lengthEnd && (length < kafkaHead-lengthEnd || !k.greeted && length > kafkaFirstAnswer):
		return k.malformed()
	case len(k.head) == lengthEnd && length > kafkaAnswer:
		return probe.Failf(probe.TooLarge, "%s answers with more than %d KiB", k.about, kafkaAnswer>>10)
	case len(k.head) == numberEnd && !k.greeted && binary.BigEndian.Uint32(k.head[lengthEnd:]) != 0:
		return k.malformed()
	case len(k.head) < kafkaHead:
		return nil
	}
	// The number of tags before the answer, which are none, or the first byte of a count or of a time: far from so large
	// that it would be anything else.
	if k.head[numberEnd] != 0 {
		return k.malformed()
	}
	k.left = int(length) - (kafkaHead - lengthEnd)
	k.head, k.greeted = k.head[:0], true
	return nil
}

func (k *kafkaInspector) malformed() error {
	return probe.FailureOf(k.about, errors.New("it is not in the protocol of Kafka"))
}
