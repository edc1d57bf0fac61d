// Package probe probes services in the namespaces of labs, from time to time, while somebody wants to know.
//
// A probe is taken by an adapter, which speaks one protocol. The pool takes probes beside the reconciles, in a bounded
// number of goroutines and one at a time for each lab, so that a service that hangs stops nobody else.
package probe

import (
	"context"
	"net"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// DefaultTimeout is how long a probe may take where the evidence sets no timeout: 5 s, and the Extra of its adapter.
const DefaultTimeout = 5 * time.Second

// Limits of what an adapter gives to checks.
const (
	// MaxText is the largest text that is read, in bytes: a body, a reply, a cell of a row.
	MaxText = 64 << 10
	// MaxValue is the largest value of one probe, in bytes of JSON, roughly.
	MaxValue = 256 << 10
)

// Adapter reads one kind of service.
type Adapter struct {
	// Name is that of the adapter's member of the union ProbeEvidence, as in http. It selects the adapter.
	Name string
	// Fields documents what checks see, besides ok, error and reason, which every adapter has.
	Fields []Field
	// Extra is the time that a probe may take in addition to DefaultTimeout. A timeout of the evidence replaces both. Nil is
	// none.
	Extra func(*v1beta1.ProbeEvidence) time.Duration
	// Keys are the keys that a map among the fields can have, where the probe lists what is asked for; nil where any can be.
	Keys func(field string, spec *v1beta1.ProbeEvidence) []string
	// Probe reads the service once. The values are plain: nil, bool, int64, float64, string, time.Time, map[string]any and
	// []any of these. With an error the values are what was read nevertheless. A *Failure tells what the learner can see
	// and change, a *Fault what is wrong with the platform; any other error is sorted by FailureOf.
	Probe func(context.Context, Dialer, *v1beta1.ProbeEvidence) (map[string]any, error)
}

// Field is one value that checks see.
type Field struct {
	// Name is its path below the evidence. A word in angle brackets stands for any key, as in topics.<topic>.records.
	Name string
	// Type in the words of CEL: bool, int, double, string, timestamp, map, list, dyn.
	Type string
	// Doc is half a sentence on what it is, with its unit.
	Doc string
}

// Endpoint is a port of a pod.
type Endpoint struct {
	// Pod by name.
	Pod string
	// Port that is dialed inside of the pod.
	Port int32
	// Ready tells whether the pod would be sent traffic.
	Ready bool
}

// Dialer is what an adapter can reach: the namespace of one lab, and nothing else. What a method cannot do is a *Failure,
// a *Fault, or the error of the context.
type Dialer interface {
	// Endpoints finds the pods behind a target that run, those that are ready first, in the order of their names. There is
	// at least one where there is no error.
	Endpoints(ctx context.Context, target v1beta1.ProbeTarget) ([]Endpoint, error)
	// Dial connects to an endpoint. The connection ends with the context at the latest.
	Dial(ctx context.Context, endpoint Endpoint) (net.Conn, error)
	// Advertised finds the endpoint behind a host and port under which a server tells its clients to find it.
	Advertised(ctx context.Context, hostPort string) (Endpoint, error)
	// Secret reads the data of a Secret.
	Secret(ctx context.Context, name string) (map[string][]byte, error)
	// SecretsMetadata lists the metadata of the Secrets with some labels, 100 at most.
	SecretsMetadata(ctx context.Context, selector string) ([]metav1.PartialObjectMetadata, error)
	// Secrets reads the Secrets of the namespace. Its errors are the API server's.
	Secrets() corev1client.SecretInterface
	// Object reads a live object; nil where there is none.
	Object(ctx context.Context, kind schema.GroupVersionKind, name string) (*unstructured.Unstructured, error)
}
