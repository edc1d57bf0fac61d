package performance

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
	"github.com/lab-operator/lab-operator/test/fixture"
)

// catalogName is the name of the exercise, of its topic and of the answer key.
const catalogName = "performance"

// note is the ConfigMap of a lab for marks. The status of the Lab repeats the mark.
const note = "note"

// markPrefix is what the status says before the mark.
const markPrefix = "the mark is "

// deployment is a setup object of ordinary size. The Services have no address: a test cluster has few.
const deployment = `{
  "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": %q, "labels": {"app": %q}},
  "spec": {
    "replicas": 1, "selector": {"matchLabels": {"app": %q}},
    "template": {
      "metadata": {"labels": {"app": %q}},
      "spec": {
        "automountServiceAccountToken": false, "enableServiceLinks": false,
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
          "name": "web", "image": "lab-operator/workload:dev", "args": ["web", "--listen=:8080"],
          "ports": [{"name": "http", "containerPort": 8080}],
          "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 2},
          "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "failureThreshold": 6},
          "resources": {"requests": {"memory": "32Mi"}, "limits": {"memory": "64Mi"}},
          "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}
        }]
      }
    }
  }
}`

// exercise is as large as those under labs/ are: five setup objects, three pieces of evidence, four tasks.
func exercise() *v1alpha1.Exercise {
	raw := func(text string) runtime.RawExtension { return runtime.RawExtension{Raw: []byte(text)} }
	task := func(name, instructions string, after []string, checks ...v1alpha1.Check) v1alpha1.Task {
		return v1alpha1.Task{Name: name, Title: "Do what is asked for in " + name, Instructions: instructions, Points: 2, After: after, Checks: checks}
	}
	prose := strings.Repeat("What to reach, and why it matters when the service is under load. ", 7)
	return &v1alpha1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: catalogName},
		Spec: v1alpha1.ExerciseSpec{
			Title:    "Write the mark",
			Incident: "An operator that could not keep up.",
			Setup: []runtime.RawExtension{
				fixture.ConfigMap(note, map[string]string{markKey: "0"}),
				fixture.ConfigMap("settings", map[string]string{"level": "low", "mode": "slow"}),
				raw(fmt.Sprintf(deployment, "web", "web", "web", "web")),
				raw(fmt.Sprintf(deployment, "load", "load", "load", "load")),
				raw(`{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"clusterIP":"None","selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":"http"}]}}`),
			},
			Evidence: []v1alpha1.Evidence{
				fixture.ConfigMapEvidence(note),
				{Name: "web", Object: &v1alpha1.ObjectEvidence{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}},
				{Name: "pods", List: &v1alpha1.ListEvidence{APIVersion: "v1", Kind: "Pod", Selector: map[string]string{"app": "web"}}},
			},
			Tasks: []v1alpha1.Task{
				task("say", prose, nil,
					v1alpha1.Check{Expression: "note.data.mark == 'never'", Needed: "the mark is never", Seen: "'" + markPrefix + "' + note.data.mark"}),
				task("scale", prose, nil,
					v1alpha1.Check{Expression: "web.spec.replicas == 3", Needed: "the Deployment web has three replicas", Seen: "string(web.spec.replicas) + ' replicas'"},
					v1alpha1.Check{Expression: "pods.size() >= 3", Needed: "three pods of web are there", Seen: "string(pods.size()) + ' pods'"}),
				task("spread", prose, []string{"scale"},
					v1alpha1.Check{Expression: "pods.map(p, p.spec.nodeName).size() > 1", Needed: "the pods run on several nodes"}),
				task("keep", prose, nil,
					v1alpha1.Check{Expression: "has(note.data.kept)", Needed: "the note says what was kept"}),
			},
		},
	}
}

func topic() *v1alpha1.Topic {
	question := func(id, task string, form v1alpha1.QuestionForm, options ...v1alpha1.Option) v1alpha1.Question {
		return v1alpha1.Question{
			ID: id, Interview: "What would you do about " + id + "?", Form: form, Options: options, Exercise: catalogName, Task: task,
			Ask: "Which of these is what an engineer on call looks at first when " + id + " shows up, and why not at the others?",
		}
	}
	return fixture.Topic(catalogName, "Performance",
		question("latency", "say", v1alpha1.FormChoice,
			v1alpha1.Option{Name: "one", Text: "The first of what there is to choose"},
			v1alpha1.Option{Name: "two", Text: "The second of what there is to choose"},
			v1alpha1.Option{Name: "three", Text: "The third of what there is to choose"}),
		question("scale", "scale", v1alpha1.FormNumber),
	)
}

func answerKey() *v1alpha1.AnswerKey {
	return fixture.AnswerKey(catalogName,
		v1alpha1.Answer{ID: "latency", Choice: "two", ModelAnswer: "The second, of course."},
		v1alpha1.Answer{ID: "scale", Number: &v1alpha1.NumberAnswer{Value: "3"}, ModelAnswer: "Three."},
	)
}
