package lab_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

var _ = Describe("a service", func() {
	var c *catalog
	BeforeEach(func() {
		c = newCatalog(unique("topic"))
		c.exercise.Spec.Evidence = append(c.exercise.Spec.Evidence, v1beta1.Evidence{
			Name: "home", Probe: &v1beta1.ProbeEvidence{
				Target: &v1beta1.ProbeTarget{Service: "web", Port: 80}, HTTP: &v1beta1.HTTPEvidence{},
			},
		})
	})

	It("that does not answer is told in the words of its adapter, and is nobody's fault but the learner's", func(ctx SpecContext) {
		c.exercise.Spec.Tasks[0].Checks = []v1beta1.Check{{Expression: "home.status == 200", Expected: "web answers"}}
		lab := started(ctx, c.create(ctx).lab())
		seen := func(words string) {
			GinkgoHelper()
			now := eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(task(now, "raise").Observed).To(Equal(words))
			})
			Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPending))
			Expect(now).To(lackCondition(v1beta1.ConditionStalled))
		}
		seen("there is no Service web")

		service := &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: lab.Status.Namespace, Name: "web"},
			Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": "web"}, Ports: []corev1.ServicePort{{Port: 8080}}},
		}
		Expect(cluster.Client.Create(ctx, service)).To(Succeed())
		seen("Service web has no port 80: it has 8080")

		service.Spec.Ports[0].Port = 80
		Expect(cluster.Client.Update(ctx, service)).To(Succeed())
		seen("no pod behind Service web runs")
	})

	It("that fails is evidence", func(ctx SpecContext) {
		c.exercise.Spec.Tasks[0].Checks = []v1beta1.Check{{Expression: "!home.ok && home.reason == 'NotFound'", Expected: "web is gone"}}
		c.exercise.Spec.Tasks[0].Outputs = nil
		c.exercise.Spec.Tasks[1].Checks = c.exercise.Spec.Tasks[1].Checks[:1]
		lab := started(ctx, c.create(ctx).lab())
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		})
	})

	It("is looked at for a live question, too", func(ctx SpecContext) {
		c.key.Spec.Answers[2].Live.Expression = "home.reason"
		lab := started(ctx, c.create(ctx).lab())
		answer(ctx, lab, "q-live", intstr.FromString("notfound"))
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(answered(now, "q-live").State).To(Equal(v1beta1.QuestionRight))
		})
	})
})

var _ = Describe("params", func() {
	It("are drawn for a learner, stand in the texts, and stay over a fresh environment", func(ctx SpecContext) {
		c := newCatalog(unique("topic"))
		c.exercise.Spec.Params = []v1beta1.Param{
			{Name: "level", OneOf: []string{"high", "higher", "highest"}}, {Name: "marks", Range: &v1beta1.ParamRange{Min: 1, Max: 3}},
		}
		raise := &c.exercise.Spec.Tasks[0]
		raise.Title, raise.Instructions = "Raise the level to $(params.level)", "It is to be $(params.level)."
		raise.Checks = []v1beta1.Check{{Expression: "settings.data.level == params.level", Expected: "the level is $(params.level)"}}
		raise.Hints = []v1beta1.Hint{{Text: "not $(params.marks) but $(params.level)"}}
		lab := started(ctx, c.create(ctx).lab())
		lab = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(currentTask(now).Hints).NotTo(BeEmpty())
		})
		level, marks := lab.Status.Params["level"], lab.Status.Params["marks"]
		Expect(level).To(HavePrefix("high"))
		Expect(marks).To(MatchRegexp("^[123]$"))
		open := currentTask(lab)
		Expect([]string{open.Title, open.Instructions, open.Checks[0].Expected, open.Hints[0]}).To(Equal([]string{
			"Raise the level to " + level, "It is to be " + level + ".", "the level is " + level, "not " + marks + " but " + level,
		}))

		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) { g.Expect(now.Status.Phase).To(Equal(v1beta1.LabAbsent)) })
		setEnvironment(ctx, lab, v1beta1.EnvironmentPresent)
		again := eventuallyInProgress(ctx, lab)
		Expect(again.Status.Params).To(Equal(lab.Status.Params))
		setLevel(ctx, again, level)
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		})
	})
})
