package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ObjectEvidence is one object, by name. While it is missing, the checks that use it are Pending.
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

// ListEvidence is all objects of a kind, or those with some labels. It is always a list, empty where nothing matches.
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

	// selector is the labels that the objects must have. Empty takes all.
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(label, size(label) >= 1 && size(label) <= 317 && size(self[label]) <= 63)",message="selector maps names of labels (up to 317 characters) to values (up to 63 characters)"
	// +optional
	Selector map[string]string `json:"selector,omitempty"`

	// limit is the largest number of objects that is looked at. More of them make the checks Pending.
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=500
	// +optional
	Limit int32 `json:"limit,omitempty"`
}

// Address is where a service of the lab listens. It is dialed inside of a pod of the lab's namespace: the pod must run,
// and need not be ready.
type Address struct {
	// service names a Service; its endpoints that are ready are preferred. Exactly one of service and pod is given.
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +optional
	Service string `json:"service,omitempty"`

	// pod names a Pod.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	// +optional
	Pod string `json:"pod,omitempty"`

	// port is one of the Service's ports, or the one on which the pod listens.
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
// +kubebuilder:validation:XValidation:rule="has(self.service) != has(self.pod)",message="http has exactly one of service and pod"
// +kubebuilder:validation:XValidation:rule="!has(self.body) || self.method in ['POST', 'PUT', 'PATCH']",message="a body goes with POST, PUT and PATCH"
type HTTPEvidence struct {
	Address `json:",inline"`

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

	// samples is the number of requests, one after the other, that each look makes. They are spread over the endpoints of a
	// Service.
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=50
	// +optional
	Samples int32 `json:"samples,omitempty"`
}

// KafkaEvidence is the state of a Kafka cluster, of some of its topics and of some consumer groups.
// +kubebuilder:validation:XValidation:rule="has(self.service) != has(self.pod)",message="kafka has exactly one of service and pod"
type KafkaEvidence struct {
	Address `json:",inline"`

	// topics lists the topics to look at.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=249
	// +kubebuilder:validation:items:Pattern=`^[a-zA-Z0-9._-]+$`
	// +listType=set
	// +optional
	Topics []string `json:"topics,omitempty"`

	// groups lists the consumer groups to look at.
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=249
	// +listType=set
	// +optional
	Groups []string `json:"groups,omitempty"`
}

// SQLEvidence is the result of a query of a PostgreSQL database, in a transaction that can't write.
// +kubebuilder:validation:XValidation:rule="has(self.service) != has(self.pod)",message="sql has exactly one of service and pod"
type SQLEvidence struct {
	Address `json:",inline"`

	// database to connect to.
	// +kubebuilder:default=postgres
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +optional
	Database string `json:"database,omitempty"`

	// secret names a Secret of the lab's namespace with the keys username and password. Left out, it is the user
	// postgres without a password.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	// +optional
	Secret string `json:"secret,omitempty"`

	// query is one statement that reads.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +required
	Query string `json:"query,omitempty"`
}

// RedisEvidence is what a Redis server answers to commands that read.
// +kubebuilder:validation:XValidation:rule="has(self.service) != has(self.pod)",message="redis has exactly one of service and pod"
type RedisEvidence struct {
	Address `json:",inline"`

	// secret names a Secret of the lab's namespace with the key password, and username where there is one. Left out, no
	// password is sent.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	// +optional
	Secret string `json:"secret,omitempty"`

	// commands maps names to commands that read, with spaces between their words, as in "GET greeting". What the server
	// answers stands under replies.<name>.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(name, name.matches('^[a-z][a-zA-Z0-9]{0,30}$') && size(self[name]) >= 1 && size(self[name]) <= 512)",message="commands map names such as greeting to commands of 1 to 512 characters"
	// +required
	Commands map[string]string `json:"commands,omitempty"`
}

// Evidence is something that checks can see, under its name: objects, which are watched, or a service, which is looked
// at again and again while a task or question that needs it is open.
// +kubebuilder:validation:XValidation:rule="[has(self.object), has(self.list), has(self.helm), has(self.http), has(self.kafka), has(self.sql), has(self.redis)].filter(given, given).size() == 1",message="evidence has exactly one of object, list, helm, http, kafka, sql and redis"
// +kubebuilder:validation:XValidation:rule="!has(self.every) || !(has(self.object) || has(self.list))",message="every goes with helm, http, kafka, sql and redis: objects and lists are watched"
// +kubebuilder:validation:XValidation:rule="!(self.name in ['lab', 'now', 'done', 'params'])",message="lab, now, done and params are the names of built-in variables: choose another name"
type Evidence struct {
	// name is the variable that expressions see.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=31
	// +kubebuilder:validation:Pattern=`^[a-z][a-zA-Z0-9]{0,30}$`
	// +required
	Name string `json:"name,omitempty"`

	// object is one object, by name.
	// +optional
	Object *ObjectEvidence `json:"object,omitempty"`

	// list is the objects of a kind.
	// +optional
	List *ListEvidence `json:"list,omitempty"`

	// helm is a Helm release.
	// +optional
	Helm *HelmEvidence `json:"helm,omitempty"`

	// http is the answers of an HTTP service.
	// +optional
	HTTP *HTTPEvidence `json:"http,omitempty"`

	// kafka is a Kafka cluster.
	// +optional
	Kafka *KafkaEvidence `json:"kafka,omitempty"`

	// sql is the result of a query of a PostgreSQL database.
	// +optional
	SQL *SQLEvidence `json:"sql,omitempty"`

	// redis is the answers of a Redis server.
	// +optional
	Redis *RedisEvidence `json:"redis,omitempty"`

	// every is how often a service is looked at, as in 5s, which is the default.
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('10m')",message="every is a duration from 1s to 10m, as in 5s"
	// +optional
	Every *metav1.Duration `json:"every,omitempty"`
}

// Sources counts what the evidence names to look at: one in evidence that the API server has accepted.
func (e *Evidence) Sources() int {
	count := 0
	for _, given := range []bool{
		e.Object != nil, e.List != nil, e.Helm != nil, e.HTTP != nil, e.Kafka != nil, e.SQL != nil, e.Redis != nil,
	} {
		if given {
			count++
		}
	}
	return count
}

// IsWatched tells whether the evidence is objects, which are watched, and not a service, which is looked at from time
// to time.
func (e *Evidence) IsWatched() bool { return e.Object != nil || e.List != nil }
