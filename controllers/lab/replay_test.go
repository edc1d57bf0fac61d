package lab_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	controller "github.com/lab-operator/lab-operator/controllers/lab"
	revisions "github.com/lab-operator/lab-operator/internal/catalog"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/recording"
)

var _ = Describe("a replay", func() {
	It("comes to the status that the recorded lab had, in a fresh environment as well", func(ctx SpecContext) {
		c := newCatalog(unique("topic")).create(ctx)
		lab := started(ctx, c.lab())
		answer(ctx, lab, "q-number", intstr.FromInt32(41))
		setLevel(ctx, lab, "high")
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "raise").State).To(Equal(v1beta1.TaskPassed))
		})
		setLevel(ctx, lab, "low")
		setMark(ctx, lab)
		eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(task(now, "mark").State).To(Equal(v1beta1.TaskPassed))
		})
		setEnvironment(ctx, lab, v1beta1.EnvironmentAbsent)
		eventuallyCondition(ctx, lab, v1beta1.ConditionProvisioned, metav1.ConditionFalse, v1beta1.ReasonEnvironmentAbsent, "")
		setEnvironment(ctx, lab, v1beta1.EnvironmentPresent)
		lab = eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
			g.Expect(now.Status.Phase).To(Equal(v1beta1.LabInProgress))
			g.Expect(task(now, "steady").Observed).NotTo(BeEmpty())
		})

		pinned, problems := revisions.Compile(revisions.Pin{
			Language: check.CurrentLanguage(), Bundle: revisions.NewBundle(c.exercise, c.topic, c.key),
		})
		Expect(problems).To(BeEmpty())
		frames, err := recorded.Take(lab.UID)
		Expect(err).NotTo(HaveOccurred())
		run := recording.Recording{Frames: frames, Head: recording.Head{
			Exercise: c.exercise.Name, Topic: c.topic.Name, Learner: client.ObjectKeyFromObject(lab).String(),
			Namespace: lab.Status.Namespace, Params: lab.Status.Params, End: time.Now(),
		}}
		replay := controller.NewReplay(pinned, run.Head)
		var status *v1beta1.LabStatus
		Expect(run.Play(func(m recording.Moment) (again time.Duration, err error) {
			status, again, err = replay.Look(ctx, m)
			return again, err
		})).To(Succeed())
		Expect(status.Tasks).To(BeComparableTo(lab.Status.Tasks))
		Expect(status.Questions).To(BeComparableTo(lab.Status.Questions))
		Expect(status.Current).To(BeComparableTo(lab.Status.Current))
		Expect(status.Summary).To(Equal(lab.Status.Summary))
	})
})
