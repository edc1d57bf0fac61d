package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ObjectEvidence is one object, by name. While it is missing, the checks that read it are Pending.
type ObjectEvidence struct {
	// apiVersion is the group and version of the object, as in autoscaling/v2.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	APIVersion string `json:"apiVersion,omitempty"`

	// kind of the object, as in HorizontalPodAutoscaler.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Kind string `json:"kind,omitempty"`

	// name of the object in the lab's namespace.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name,omitempty"`
}

// ListEvidence is all objects of a kind, or those with certain labels. If none matches, it is an empty list.
type ListEvidence struct {
	// apiVersion is the group and version of the objects, as in apps/v1.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	APIVersion string `json:"apiVersion,omitempty"`

	// kind of the objects, as in Pod.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +required
	Kind string `json:"kind,omitempty"`

	// selector is the labels that the objects must have. If it is empty, all objects match.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(label, size(label) >= 1 && size(label) <= 317 && size(self[label]) <= 63)",message="selector maps names of labels (up to 317 characters) to values (up to 63 characters)"
	// +optional
	Selector map[string]string `json:"selector,omitempty"`

	// limit is the largest number of objects that checks can read. If there are more, the checks are Pending.
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=500
	// +optional
	Limit int32 `json:"limit,omitempty"`
}

// ProbeTarget is where a service of the lab listens. The operator connects to a pod of the lab's namespace. The pod must be
// running, but need not be ready.
// +kubebuilder:validation:ExactlyOneOf=service;pod
type ProbeTarget struct {
	// service names a Service, whose ready endpoints are preferred. Exactly one of service and pod is given.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +optional
	Service string `json:"service,omitempty"`

	// pod names a Pod.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	// +optional
	Pod string `json:"pod,omitempty"`

	// port is one of the Service's ports, or the port on which the pod listens.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +required
	Port int32 `json:"port,omitempty"`
}

// HelmEvidence is the newest revision of a Helm release, with the live objects of its manifest.
type HelmEvidence struct {
	// release is the name of the release in the lab's namespace.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=53
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +required
	Release string `json:"release,omitempty"`
}

// HTTPHeader is a header of a request.
type HTTPHeader struct {
	// name of the header, as in Content-Type.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9-]*$`
	// +required
	Name string `json:"name,omitempty"`

	// value of the header.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^[ -~]+$`
	// +required
	Value string `json:"value,omitempty"`
}

// HTTPEvidence is what a service answers to requests.
// +kubebuilder:validation:XValidation:rule="!has(self.body) || self.method in ['POST', 'PUT', 'PATCH']",message="a body goes with POST, PUT and PATCH"
type HTTPEvidence struct {
	// method of the requests.
	// +kubebuilder:default=GET
	// +kubebuilder:validation:Enum=GET;HEAD;POST;PUT;PATCH;DELETE
	// +optional
	Method string `json:"method,omitempty"`

	// path and query of the requests.
	// +kubebuilder:default="/"
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:Pattern=`^/[!-~]*$`
	// +optional
	Path string `json:"path,omitempty"`

	// headers of the requests. Host can be one of them.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=name
	// +optional
	Headers []HTTPHeader `json:"headers,omitempty"`

	// body of the requests.
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Body string `json:"body,omitempty"`

	// samples is how many requests each probe sends, one after another. They are spread over the endpoints of a Service.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=50
	// +optional
	Samples int32 `json:"samples,omitempty"`
}

// KafkaEvidence is the state of a Kafka cluster, and of some of its topics and consumer groups.
type KafkaEvidence struct {
	// topics lists the topics to read.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=249
	// +kubebuilder:validation:items:Pattern=`^[a-zA-Z0-9._-]+$`
	// +listType=set
	// +optional
	Topics []string `json:"topics,omitempty"`

	// groups lists the consumer groups to read.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=249
	// +listType=set
	// +optional
	Groups []string `json:"groups,omitempty"`
}

// SQLEvidence is the result of a query to a PostgreSQL database. The query runs in a read-only transaction.
type SQLEvidence struct {
	// database to connect to.
	// +kubebuilder:default=postgres
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +optional
	Database string `json:"database,omitempty"`

	// secret names a Secret of the lab's namespace with the keys username and password. If it is left out, the user is
	// postgres, without a password.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	// +optional
	Secret string `json:"secret,omitempty"`

	// query is one statement that only reads.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +required
	Query string `json:"query,omitempty"`
}

// RedisEvidence is what a Redis server replies to commands that only read.
type RedisEvidence struct {
	// secret names a Secret of the lab's namespace with the key password, and username if the server needs one. If it is
	// left out, no password is sent.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	// +optional
	Secret string `json:"secret,omitempty"`

	// commands maps names to commands that only read, with spaces between their words, as in "GET greeting". Checks read a
	// reply as replies.<name>.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(name, name.matches('^[a-z][a-zA-Z0-9]{0,30}$') && size(self[name]) >= 1 && size(self[name]) <= 512)",message="commands map names such as greeting to commands of 1 to 512 characters"
	// +required
	Commands map[string]string `json:"commands,omitempty"`
}

// ProbeEvidence is what a service, or the record of a Helm release, says. It is read at an interval while a task or a
// question that needs it is open.
// +kubebuilder:validation:ExactlyOneOf=helm;http;kafka;redis;sql
// +kubebuilder:validation:XValidation:rule="has(self.helm) != has(self.target)",message="target goes with http, kafka, redis and sql: a probe of these needs one, and helm takes none"
type ProbeEvidence struct {
	// interval is the time between two probes, as in 5s, which is the default.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('10m')",message="interval is a duration from 1s to 10m, as in 5s"
	// +optional
	Interval *metav1.Duration `json:"interval,omitempty"`

	// timeout is how long one probe may take, as in 5s. If it is left out, it is about 5s, and more if http sends several
	// requests.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('30s')",message="timeout is a duration from 1s to 30s, as in 5s"
	// +optional
	Timeout *metav1.Duration `json:"timeout,omitempty"`

	// target is where the service listens. helm has none: Helm stores releases in Secrets.
	// +optional
	Target *ProbeTarget `json:"target,omitempty"`

	// helm reads a Helm release.
	// +optional
	Helm *HelmEvidence `json:"helm,omitempty"`

	// http sends requests to an HTTP service.
	// +optional
	HTTP *HTTPEvidence `json:"http,omitempty"`

	// kafka reads the state of a Kafka cluster.
	// +optional
	Kafka *KafkaEvidence `json:"kafka,omitempty"`

	// redis sends commands to a Redis server.
	// +optional
	Redis *RedisEvidence `json:"redis,omitempty"`

	// sql sends a query to a PostgreSQL database.
	// +optional
	SQL *SQLEvidence `json:"sql,omitempty"`
}

// Evidence is something that checks read by its name: objects, which are watched, or a probe.
// +kubebuilder:validation:ExactlyOneOf=object;list;probe
// +kubebuilder:validation:XValidation:rule="!(self.name in ['lab', 'now', 'done', 'params'])",message="lab, now, done and params are the names of built-in variables: choose another name"
type Evidence struct {
	// name is the variable that expressions read.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-zA-Z0-9]{0,30}$`
	// +required
	Name string `json:"name,omitempty"`

	// object is one object, by name.
	// +optional
	Object *ObjectEvidence `json:"object,omitempty"`

	// list is objects of a kind.
	// +optional
	List *ListEvidence `json:"list,omitempty"`

	// probe asks a service at an interval.
	// +optional
	Probe *ProbeEvidence `json:"probe,omitempty"`
}

// GroupVersionKind is the kind of the objects that are watched. It is empty for a probe, and where no member is given.
func (e *Evidence) GroupVersionKind() schema.GroupVersionKind {
	switch {
	case e.Object != nil:
		return schema.FromAPIVersionAndKind(e.Object.APIVersion, e.Object.Kind)
	case e.List != nil:
		return schema.FromAPIVersionAndKind(e.List.APIVersion, e.List.Kind)
	}
	return schema.GroupVersionKind{}
}

// Members counts the members of the union that are given: one in evidence that the API server has accepted.
func (e *Evidence) Members() int {
	count := 0
	for _, given := range []bool{e.Object != nil, e.List != nil, e.Probe != nil} {
		if given {
			count++
		}
	}
	return count
}
