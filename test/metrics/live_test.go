package metrics

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// TestLive has Prometheus scrape an operator while a lab is lived, and looks at everything that is said of metrics.
func TestLive(t *testing.T) {
	s := play(t)
	alerts, file := rules(t)
	p := run(t, file, s.address)
	s.live(t, p)

	t.Run("every query of the dashboard finds data", func(t *testing.T) {
		board := theDashboard(t)
		health := board.Panels[slices.IndexFunc(board.Panels, func(p panel) bool { return p.Title == healthRow })].GridPos.Y
		for _, panel := range board.Panels {
			nothing := []string{"NaN"}
			if panel.GridPos.Y < health {
				// The learner got on.
				nothing = append(nothing, "0")
			}
			for _, target := range panel.Targets {
				eventually(t, panel.Title+" shows something", func(ctx context.Context) (string, error) {
					found, err := p.query(ctx, target.query())
					if err == nil && !slices.ContainsFunc(found, func(s sample) bool { return !slices.Contains(nothing, s.number()) }) {
						return fmt.Sprintf("%s finds %v", target.query(), found), nil
					}
					return "", err
				})
			}
		}
	})
	t.Run("every alert is evaluated", func(t *testing.T) {
		for _, alert := range alerts {
			if _, err := p.query(t.Context(), alert.Expr); err != nil {
				t.Errorf("%s: %v", alert.Alert, err)
			}
		}
		eventually(t, "the alerts are evaluated well, and the lab that stalled is seen", func(ctx context.Context) (string, error) {
			return unevaluated(ctx, p, len(alerts))
		})
	})
	t.Run("every metric that is asked for is told", func(t *testing.T) {
		told := ask[[]string](t, p, "label/__name__/values", nil)
		for _, expression := range expressions(t, alerts) {
			for _, name := range metricsOf(expression) {
				if !slices.Contains(told, name) {
					t.Errorf("nobody tells %s, which this asks for: %s", name, expression)
				}
			}
		}
	})
	t.Run("what is told is documented and used", func(t *testing.T) { documented(t, p, alerts) })
	t.Run("nobody is named", func(t *testing.T) {
		for _, series := range ask[[]map[string]string](t, p, "series", url.Values{"match[]": {`{__name__=~".+"}`}}) {
			for label, value := range series {
				if strings.Contains(value, learner) {
					t.Errorf("%s names the learner or a lab: %s=%s", series["__name__"], label, value)
				}
			}
		}
	})
	t.Run("the names are as Prometheus would have them", func(t *testing.T) { promtool(t, ours(t, s.address), "check", "metrics") })
}

// live plays a learner: one lab is provisioned, answered and completed, another never starts.
func (s *stage) live(t *testing.T, p *prometheus) {
	t.Helper()
	lab := s.start(t, learner+"s-levels", "levels")
	s.until(t, lab, "the lab can be worked on", func(status *v1beta1.LabStatus) bool {
		return meta.IsStatusConditionTrue(status.Conditions, v1beta1.ConditionReady)
	})
	eventually(t, "Prometheus has the zeros that the steps of the lab count from", func(ctx context.Context) (string, error) {
		found, err := p.query(ctx, `lab_operator_tasks_passed_total == 0 and on (topic) lab_operator_answers_graded_total == 0`)
		if len(found) == 0 {
			return "there are none", err
		}
		return "", err
	})
	s.answer(t, lab, "299", v1beta1.QuestionWrong)
	s.answer(t, lab, "300", v1beta1.QuestionRight)
	settings := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: lab.Status.Namespace, Name: "settings"}}
	s.patch(t, settings, `{"data":{"level":"high"}}`)
	s.until(t, lab, "the lab is completed", func(status *v1beta1.LabStatus) bool { return status.CompletedAt != nil })

	lost := s.start(t, learner+"s-mistake", "no-such-topic")
	s.until(t, lost, "the lab without a topic is stalled", func(status *v1beta1.LabStatus) bool {
		return meta.IsStatusConditionTrue(status.Conditions, v1beta1.ConditionStalled)
	})
}

func (s *stage) answer(t *testing.T, lab *v1beta1.Lab, answer string, state v1beta1.QuestionState) {
	t.Helper()
	s.patch(t, lab, fmt.Sprintf(`{"spec":{"answers":{"q-number":%s}}}`, answer))
	s.until(t, lab, "the answer is "+string(state), func(status *v1beta1.LabStatus) bool {
		return len(status.Questions) == 1 && status.Questions[0].State == state
	})
}

// unevaluated says what is amiss with the rules as Prometheus runs them.
func unevaluated(ctx context.Context, p *prometheus, want int) (string, error) {
	running, err := get[struct {
		Groups []struct {
			Rules []struct {
				Name      string `json:"name"`
				Health    string `json:"health"`
				LastError string `json:"lastError"`
			} `json:"rules"`
		} `json:"groups"`
	}](ctx, p, "rules", nil)
	if err != nil {
		return "", err
	}
	healthy := 0
	for _, group := range running.Groups {
		for _, rule := range group.Rules {
			if rule.Health != "ok" {
				return rule.Name + " is " + rule.Health + ": " + rule.LastError, nil
			}
			healthy++
		}
	}
	if healthy != want {
		return fmt.Sprintf("it runs %d rules, not %d", healthy, want), nil
	}
	found, err := p.query(ctx, `ALERTS{alertname="LabOperatorLabsStalled", alertstate="pending", reason="TopicNotFound"}`)
	if len(found) != 1 {
		return "no alert of stalled labs is pending", err
	}
	return "", err
}

// expressions are those of all alerts and panels.
func expressions(t *testing.T, alerts []rule) []string {
	t.Helper()
	var all []string
	for _, alert := range alerts {
		all = append(all, alert.Expr)
	}
	for _, panel := range theDashboard(t).Panels {
		for _, target := range panel.Targets {
			all = append(all, target.query())
		}
	}
	return all
}

// ours is what the operator serves, without what its libraries add.
func ours(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(line string) bool { return !strings.Contains(line, "lab_operator_") })
	if len(lines) == 0 {
		t.Fatal("there is nothing of ours")
	}
	return strings.Join(lines, "")
}
