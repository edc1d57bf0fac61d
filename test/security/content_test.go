//go:build cluster

package security

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/testenv"
)

const (
	// suiteLabel marks the catalog entries of this suite.
	suiteLabel = "learning.lab-operator.dev/test-security"
	// workloadImage is the small service that the exercises deploy, toolsImage one with a shell and perl in it.
	workloadImage = "lab-operator/workload:dev"
	toolsImage    = "redis:7.0.15-bookworm"
	// modelAnswer is that of sec-01, which must never be read by anyone who has not settled it.
	modelAnswer = "It is the fifth, as nobody should know before."
)

// restricted is the security context of a pod, and that of its container, as the level restricted wants them, in the
// flow style of YAML.
const (
	restrictedPod       = `{runAsNonRoot: true, runAsUser: 999, seccompProfile: {type: RuntimeDefault}}`
	restrictedContainer = `{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}`
)

// podSpec is the spec of a pod that waits for requests, in the flow style of YAML, with more fields in front.
func podSpec(more string) string {
	return fmt.Sprintf(`{%s terminationGracePeriodSeconds: 1, automountServiceAccountToken: false, securityContext: %s, `+
		`containers: [{name: main, image: %q, args: [web], securityContext: %s, resources: {requests: {cpu: 5m}}}]}`,
		more, restrictedPod, workloadImage, restrictedContainer)
}

// innSpec is the spec of a pod with a container that is made for the learner. Together its containers may use what one
// that says nothing gets, so that as many pods as ever fill the quota.
func innSpec() string {
	return fmt.Sprintf(`{terminationGracePeriodSeconds: 1, automountServiceAccountToken: false, securityContext: %s, containers: [`+
		`{name: main, image: %q, args: [web], securityContext: %s, resources: {requests: {cpu: 5m}, limits: {memory: 60Mi, ephemeral-storage: 900Mi}}}, `+
		`{name: client, image: %q, command: [sleep, infinity], securityContext: {runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}, `+
		`resources: {requests: {cpu: 5m}, limits: {memory: 25Mi, ephemeral-storage: 100Mi}}}]}`,
		restrictedPod, workloadImage, restrictedContainer, toolsImage)
}

const protectedMark = `learning.lab-operator.dev/protected: "true"`

// rangeObjects are the exercise on which attacks are tried, its topic and its key.
func rangeObjects() []client.Object {
	exercise := object("", fmt.Sprintf(`
apiVersion: learning.lab-operator.dev/v1beta1
kind: Exercise
metadata: {name: %[1]s, labels: {%[2]s: "true"}}
spec:
  title: Attack what is here
  quota: {storage: 1Gi, pods: 12, memory: 1Gi, cpu: 500m}
  setup:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: guard, labels: {%[3]s}}
    spec:
      replicas: 1
      selector: {matchLabels: {app: guard, %[3]s}}
      template: {metadata: {labels: {app: guard, %[3]s}}, spec: %[4]s}
  - apiVersion: v1
    kind: Service
    metadata: {name: guard, labels: {%[3]s}}
    spec: {selector: {app: guard, %[3]s}, ports: [{port: 80, targetPort: 8080}]}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: inn, labels: {%[3]s}}
    spec:
      selector: {matchLabels: {app: inn, %[3]s}}
      template:
        metadata:
          labels: {app: inn, %[3]s}
          annotations: {learning.lab-operator.dev/open-containers: client, learning.lab-operator.dev/open-ports: "true"}
        spec: %[6]s
  - apiVersion: v1
    kind: Pod
    metadata: {name: bare, labels: {app: bare, %[3]s}}
    spec: %[5]s
  - apiVersion: apps/v1
    kind: ReplicaSet
    metadata: {name: spare, labels: {app: spare, %[3]s}}
    spec:
      replicas: 0
      selector: {matchLabels: {app: spare}}
      template: {metadata: {labels: {app: spare}}, spec: %[4]s}
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: data-thief-0, labels: {%[3]s}}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: rules, labels: {%[3]s}}
    data: {rule: "1"}
  evidence:
  - {name: note, object: {apiVersion: v1, kind: ConfigMap, name: note}}
  - {name: few, list: {apiVersion: v1, kind: ConfigMap, selector: {few: "yes"}, limit: 5}}
  - {name: large, object: {apiVersion: v1, kind: ConfigMap, name: large}}
  - {name: heap, object: {apiVersion: v1, kind: ConfigMap, name: heap}}
  - {name: pattern, object: {apiVersion: v1, kind: ConfigMap, name: pattern}}
  - {name: shop, probe: {helm: {release: shop}, interval: 1s}}
  - {name: home, probe: {target: {service: home, port: 80}, http: {path: /metrics}, interval: 1s}}
  - {name: guard, probe: {target: {service: guard, port: 80}, http: {path: /healthz, samples: 4}, interval: 1s}}
  tasks:
  - name: say
    title: Say the word
    instructions: Write the word into the ConfigMap note.
    checks: [{expression: note.data.word == 'never', expected: the word is never, observed: "'the word is ' + note.data.word"}]
  - name: few
    title: Keep few notes
    instructions: Keep few notes, and all of them good.
    checks: [{expression: "few.size() == 6 && few.all(n, n.data.good == 'yes')", expected: six good notes}]
  - name: large
    title: Write much
    instructions: Write much, and all of it good.
    checks: [{expression: large.data.good == 'yes', expected: it is good}]
  - name: heap
    title: Have a heap of different things
    instructions: Have a heap of things no two of which are the same.
    checks:
    - expression: heap.data.size() == 2000 && heap.data.all(a, heap.data.all(b, a == b || heap.data[a] != heap.data[b]))
      expected: two thousand different things
  - name: pattern
    title: Find a pattern
    instructions: Find a pattern that fits the text.
    checks: [{expression: pattern.data.text.matches(pattern.data.pattern) && pattern.data.text == 'never', expected: a pattern that fits}]
  - name: install
    title: Install the shop
    instructions: Install the release shop with its Deployment.
    checks:
    - expression: shop.ok && shop.objects.exists(o, o.kind == 'Deployment' && o.live) && shop.missing.size() == 0
      expected: the release with its Deployment
      observed: "shop.ok ? 'missing: ' + shop.missing.join(', ') : shop.error"
  - name: visit
    title: Be at home
    instructions: Serve something at the Service home.
    checks: [{expression: home.ok && home.status == 200, expected: an answer, observed: "home.ok ? string(home.status) + ' ' + home.body : home.error"}]
  - name: forge
    title: Answer for the guard
    instructions: Have another pod answer for the Service guard.
    checks:
    - expression: guard.ok && guard.pods.exists(pod, !pod.startsWith('guard-'))
      expected: an answer of another pod
      observed: "guard.ok ? 'answers of ' + guard.pods.map(pod, pod).join(', ') : guard.error"
`, rangeName, suiteLabel, protectedMark, podSpec(""), podSpec("volumes: [{name: data, persistentVolumeClaim: {claimName: data-thief-0}}],"), innSpec()))
	topic := object("", fmt.Sprintf(`
apiVersion: learning.lab-operator.dev/v1beta1
kind: Topic
metadata: {name: %[1]s, labels: {%[2]s: "true"}}
spec:
  title: Attacks
  exercises: [%[1]s]
  questions:
  - id: sec-01
    interviewQuestion: Which of the eight is it?
    prompt: Which of the eight is it?
    type: Choice
    options: [{name: one, text: "1"}, {name: two, text: "2"}, {name: three, text: "3"}, {name: four, text: "4"},
      {name: five, text: "5"}, {name: six, text: "6"}, {name: seven, text: "7"}, {name: eight, text: "8"}]
    exercise: %[1]s
    task: say
  - {id: sec-02, interviewQuestion: "How many?", prompt: "How many?", type: Number, exercise: %[1]s, task: say}
  - {id: sec-03, interviewQuestion: "How many?", prompt: "How many?", type: Number, exercise: %[1]s, task: say}
  - {id: sec-04, interviewQuestion: "How many?", prompt: "How many?", type: Number, exercise: %[1]s, task: say}
`, rangeName, suiteLabel))
	key := object(testenv.OperatorNamespace, fmt.Sprintf(`
apiVersion: learning.lab-operator.dev/v1beta1
kind: AnswerKey
metadata: {name: %[1]s, labels: {%[2]s: "true"}}
spec:
  topic: %[1]s
  answers:
  - {id: sec-01, choice: five, modelAnswer: %[3]q}
  - {id: sec-02, number: {value: "42"}, modelAnswer: It is 42.}
  - {id: sec-03, number: {value: "42"}, modelAnswer: It is 42.}
  - {id: sec-04, number: {value: "42"}, modelAnswer: It is 42.}
`, rangeName, suiteLabel, modelAnswer))
	return []client.Object{exercise, topic, key}
}

// labOf is a Lab of an exercise whose topic has the same name.
func labOf(key types.NamespacedName, exercise string) *v1beta1.Lab {
	return &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name},
		Spec:       v1beta1.LabSpec{Topic: exercise},
	}
}
