package lab_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/test/scrape"
)

// scraped are the metrics of the operator that runs, as Prometheus gets them.
func scraped(ctx context.Context) scrape.Samples {
	GinkgoHelper()
	url, stop := scrape.Serve(exposed)
	defer stop()
	samples, err := scrape.Get(ctx, url)
	Expect(err).NotTo(HaveOccurred())
	return samples
}

// eventuallyScraped waits for metrics: a step is counted when it is written, which a test may see before.
func eventuallyScraped(ctx context.Context, should func(g Gomega, now scrape.Samples)) {
	GinkgoHelper()
	Eventually(func(g Gomega) { should(g, scraped(ctx)) }).WithContext(ctx).Should(Succeed())
}

// eventuallyCounted waits for the series with one value of the label topic.
func eventuallyCounted(ctx context.Context, topic string, want scrape.Samples) {
	GinkgoHelper()
	eventuallyScraped(ctx, func(g Gomega, now scrape.Samples) { g.Expect(about(now, topic)).To(Equal(want)) })
}

// about are the series with one value of the label topic.
func about(samples scrape.Samples, topic string) scrape.Samples {
	found := scrape.Samples{}
	for series, value := range samples {
		if strings.Contains(series, `topic="`+topic+`"`) {
			found[series] = value
		}
	}
	return found
}

var _ = Describe("the metrics", func() {
	It("count each step of a lab once", func(ctx SpecContext) {
		start := scraped(ctx)
		c := newCatalog(unique("topic")).create(ctx)
		lab := started(ctx, c.lab())
		topic, exercise := c.topic.Name, c.exercise.Name
		labels := `{exercise="` + exercise + `",topic="` + topic + `"}`
		counts := func(passed, completed, right, wrong, exhausted float64) scrape.Samples {
			return scrape.Samples{
				"lab_operator_tasks_passed_total" + labels:                                   passed,
				"lab_operator_labs_completed_total" + labels:                                 completed,
				`lab_operator_answers_graded_total{state="Right",topic="` + topic + `"}`:     right,
				`lab_operator_answers_graded_total{state="Wrong",topic="` + topic + `"}`:     wrong,
				`lab_operator_answers_graded_total{state="Exhausted",topic="` + topic + `"}`: exhausted,
			}
		}
		// Zero, to count from.
		eventuallyCounted(ctx, topic, counts(0, 0, 0, 0, 0))
		eventuallyScraped(ctx, func(g Gomega, now scrape.Samples) {
			added := now.Since(start)
			g.Expect(added).To(HaveKeyWithValue("lab_operator_provisioning_duration_seconds_count", BeEquivalentTo(1)))
			g.Expect(added["lab_operator_provisioning_duration_seconds_sum"]).To(And(BeNumerically(">", 0), BeNumerically("<", 20)))
			g.Expect(added["lab_operator_check_duration_seconds_count"]).To(BeNumerically(">=", 1))
			g.Expect(added[`lab_operator_status_writes_total{result="written"}`]).To(BeNumerically(">=", 1))
			g.Expect(now[`lab_operator_labs{phase="InProgress"}`]).To(BeNumerically(">=", 1))
		})

		By("passing two tasks, one of which is taken back and passed again")
		delays := scraped(ctx)
		for range 2 {
			setLevel(ctx, lab, "high")
			eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPassed))
			})
			setLevel(ctx, lab, "low")
			eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(task(now, "steady").State).To(Equal(v1beta1.TaskPending))
			})
		}
		eventuallyCounted(ctx, topic, counts(2, 0, 0, 0, 0))
		eventuallyScraped(ctx, func(g Gomega, now scrape.Samples) {
			added := now.Since(delays)
			g.Expect(added["lab_operator_status_delay_seconds_count"]).To(BeNumerically(">=", 4), "each change came to show")
			g.Expect(added["lab_operator_status_delay_seconds_sum"]).To(And(BeNumerically(">", 0), BeNumerically("<", 20)))
		})

		By("answering wrongly, the same again, rightly, and until the attempts are used")
		answer(ctx, lab, "q-number", intstr.FromInt32(299))
		answer(ctx, lab, "q-number", intstr.FromString(" 299 "))
		answer(ctx, lab, "q-number", intstr.FromString("about three hundred"))
		answer(ctx, lab, "q-number", intstr.FromInt32(300))
		lab = answer(ctx, lab, "q-choice", intstr.FromString(letter(lab, "It goes down")))
		answer(ctx, lab, "q-choice", intstr.FromString(letter(lab, "It stays")))
		eventuallyCounted(ctx, topic, counts(2, 0, 1, 2, 1))

		By("completing it, and going on")
		setMark(ctx, lab)
		setLevel(ctx, lab, "high")
		eventuallyCondition(ctx, lab, v1beta1.ConditionCompleted, metav1.ConditionTrue, v1beta1.ReasonAllTasksPassed, "")
		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		setEnvironment(ctx, lab, v1beta1.EnvironmentPresent)
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(now).To(haveCondition(v1beta1.ConditionReady, metav1.ConditionTrue, v1beta1.ReasonReady, ""))
		})
		eventuallyCounted(ctx, topic, counts(3, 1, 1, 2, 1))
		Expect(scraped(ctx).Since(start)).To(HaveKeyWithValue("lab_operator_provisioning_duration_seconds_count", BeEquivalentTo(1)),
			"a fresh environment is not the first one")

		By("restarting the operator, which counts nothing that was counted")
		restart()
		witness := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		eventuallyScraped(ctx, func(g Gomega, now scrape.Samples) {
			g.Expect(about(now, witness.Spec.Topic)).NotTo(BeEmpty())
			g.Expect(about(now, topic)).To(BeEmpty())
		})
	})

	It("tell of a lab that stalls, and of its end", func(ctx SpecContext) {
		start := scraped(ctx)
		c := newCatalog(unique("topic"))
		lab := c.lab()
		create(ctx, lab)
		eventuallyCondition(ctx, lab, v1beta1.ConditionStalled, metav1.ConditionTrue, v1beta1.ReasonTopicNotFound, "")
		const errors, stalled = `lab_operator_platform_errors_total{kind="stalled",reason="TopicNotFound"}`, `lab_operator_labs_stalled{reason="TopicNotFound"}`
		eventuallyScraped(ctx, func(g Gomega, now scrape.Samples) {
			g.Expect(now.Since(start)).To(And(HaveKeyWithValue(errors, BeEquivalentTo(1)), HaveKeyWithValue(stalled, BeEquivalentTo(1))))
		})
		change(ctx, lab, func(spec *v1beta1.LabSpec) {
			spec.Answers = map[string]intstr.IntOrString{"q-choice": intstr.FromString("a")}
		})
		c.create(ctx)
		eventuallyInProgress(ctx, lab)
		eventuallyScraped(ctx, func(g Gomega, now scrape.Samples) {
			g.Expect(now.Since(start)).To(And(HaveKeyWithValue(errors, BeEquivalentTo(1)), Not(HaveKey(stalled))))
		})
	})

	It("name no lab, no learner and no namespace", func(ctx SpecContext) {
		lab := started(ctx, newCatalog(unique("topic")).create(ctx).lab())
		for series := range scraped(ctx) {
			Expect(series).NotTo(ContainSubstring(`"%s"`, lab.Name))
			Expect(series).NotTo(ContainSubstring(`"%s"`, lab.Namespace))
			Expect(series).NotTo(ContainSubstring(lab.Status.Namespace))
		}
	})
})
