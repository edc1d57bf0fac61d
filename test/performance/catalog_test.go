package performance

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/lab-operator/lab-operator/api/v1beta1"
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
func exercise() *v1beta1.Exercise {
	raw := func(text string) runtime.RawExtension { return runtime.RawExtension{Raw: []byte(text)} }
	task := func(name, instructions string, after []string, checks ...v1beta1.Check) v1beta1.Task {
		return v1beta1.Task{Name: name, Title: "Do what is asked for in " + name, Instructions: instructions, Points: 2, DependsOn: after, Checks: checks}
	}
	prose := strings.Repeat("What to reach, and why it matters when the service is under load. ", 7)
	return &v1beta1.Exercise{
		ObjectMeta: metav1.ObjectMeta{Name: catalogName},
		Spec: v1beta1.ExerciseSpec{
			Title:    "Write the mark",
			Incident: "An operator that could not keep up.",
			Setup: []runtime.RawExtension{
				fixture.ConfigMap(note, map[string]string{markKey: "0"}),
				fixture.ConfigMap("settings", map[string]string{"level": "low", "mode": "slow"}),
				raw(fmt.Sprintf(deployment, "web", "web", "web", "web")),
				raw(fmt.Sprintf(deployment, "load", "load", "load", "load")),
				raw(`{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"clusterIP":"None","selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":"http"}]}}`),
			},
			Evidence: []v1beta1.Evidence{
				fixture.ConfigMapEvidence(note),
				{Name: "web", Object: &v1beta1.ObjectEvidence{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}},
				{Name: "pods", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "Pod", Selector: map[string]string{"app": "web"}}},
			},
			Tasks: []v1beta1.Task{
				task("say", prose, nil,
					v1beta1.Check{Expression: "note.data.mark == 'never'", Expected: "the mark is never", Observed: "'" + markPrefix + "' + note.data.mark"}),
				task("scale", prose, nil,
					v1beta1.Check{Expression: "web.spec.replicas == 3", Expected: "the Deployment web has three replicas", Observed: "string(web.spec.replicas) + ' replicas'"},
					v1beta1.Check{Expression: "pods.size() >= 3", Expected: "three pods of web are there", Observed: "string(pods.size()) + ' pods'"}),
				task("spread", prose, []string{"scale"},
					v1beta1.Check{Expression: "pods.map(p, p.spec.nodeName).size() > 1", Expected: "the pods run on several nodes"}),
				task("keep", prose, nil,
					v1beta1.Check{Expression: "has(note.data.kept)", Expected: "the note says what was kept"}),
			},
		},
	}
}

func topic() *v1beta1.Topic {
	question := func(id, task string, form v1beta1.QuestionType, options ...v1beta1.Option) v1beta1.Question {
		return v1beta1.Question{
			ID: id, InterviewQuestion: "What would you do about " + id + "?", Type: form, Options: options, Exercise: catalogName, Task: task,
			Prompt: "Which of these is what an engineer on call looks at first when " + id + " shows up, and why not at the others?",
		}
	}
	return fixture.Topic(catalogName, "Performance",
		question("latency", "say", v1beta1.QuestionTypeChoice,
			v1beta1.Option{Name: "one", Text: "The first of what there is to choose"},
			v1beta1.Option{Name: "two", Text: "The second of what there is to choose"},
			v1beta1.Option{Name: "three", Text: "The third of what there is to choose"}),
		question("scale", "scale", v1beta1.QuestionTypeNumber),
	)
}

func answerKey() *v1beta1.AnswerKey {
	return fixture.AnswerKey(catalogName,
		v1beta1.Answer{ID: "latency", Choice: "two", ModelAnswer: "The second, of course."},
		v1beta1.Answer{ID: "scale", Number: &v1beta1.NumberAnswer{Value: "3"}, ModelAnswer: "Three."},
	)
}
