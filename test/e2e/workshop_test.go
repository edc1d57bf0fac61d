//go:build cluster

package e2e

import (
	"context"
	"encoding/csv"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/learner"
	"github.com/lab-operator/lab-operator/internal/roster"
	"github.com/lab-operator/lab-operator/test/testenv"
)

// class is a Workshop on the kind cluster, as its facilitator sees it.
type class struct {
	workshop *v1beta1.Workshop
	folder   string // of the kubeconfigs that were handed out
}

var _ = Describe("a Workshop of ten attendees with two labs each", func() {
	It("is given, from the roster to the exports, and leaves nothing behind", func(ctx context.Context) {
		c := newClass(ctx, "ada", "Bob", "cyd@example.org", "dan", "eve", "fay", "gus", "hal", "ivy", "jan")
		c.eventuallyReady(ctx, 10)
		AddReportEntry("after all are ready", c.kubectl(ctx, "get", "workshops"))

		By("handing out the kubeconfigs, and working three of the labs with them")
		c.lab(ctx, "kubeconfig", c.workshop.Name, "--all", "--to", c.folder, "--server", config.Host)
		workers := []string{"ada", "Bob", "cyd@example.org"}
		solved := make(chan error, len(workers))
		for _, name := range workers {
			go func() { solved <- c.solve(ctx, name) }()
		}

		By("taking one in late, and letting one go")
		c.apply(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.Attendees = append(spec.Attendees[:9], v1beta1.Attendee{Name: "late-comer"})
		})
		for range workers {
			Expect(<-solved).To(Succeed())
		}
		c.eventuallyReady(ctx, 10)
		c.eventuallyGone(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.home("jan")}})
		Eventually(c.now).WithArguments(ctx).Should(HaveField("Status.Started", BeEquivalentTo(3)))
		AddReportEntry("after three have worked", c.kubectl(ctx, "get", "workshops")+"\n"+
			c.kubectl(ctx, "get", "labs", "-A", "-l", v1beta1.WorkshopLabel+"="+c.workshop.Name, "-L", v1beta1.AttendeeLabel))

		By("closing it, with an extension for one")
		c.apply(ctx, func(spec *v1beta1.WorkshopSpec) {
			spec.ClosesAt = metav1.NewTime(time.Now().Add(-time.Second).Truncate(time.Second))
			spec.Attendees[1].ExtendBy = &metav1.Duration{Duration: time.Hour}
		})
		Eventually(c.namespaces).WithArguments(ctx).WithTimeout(5 * time.Minute).Should(HaveLen(2)) // Bob's labs.
		Expect(c.seat("ada").List(ctx, &v1beta1.LabList{}, client.InNamespace(c.home("ada")))).To(MatchError(apierrors.IsUnauthorized, "unauthorized"))
		Expect(c.seat("Bob").List(ctx, &v1beta1.LabList{}, client.InNamespace(c.home("Bob")))).To(Succeed())
		c.apply(ctx, func(spec *v1beta1.WorkshopSpec) { spec.Attendees[1].ExtendBy = nil })
		Eventually(c.now).WithArguments(ctx).Should(HaveField("Status.Phase", v1beta1.WorkshopClosed))

		By("exporting the results")
		rows, err := csv.NewReader(strings.NewReader(c.lab(ctx, "results", c.workshop.Name, "-o", "csv"))).ReadAll()
		Expect(err).NotTo(HaveOccurred())
		Expect(rows).To(HaveLen(1 + 2*10))
		Expect(c.lab(ctx, "results", c.workshop.Name, "-o", "json")).To(ContainSubstring(`"scorePercent": 100`))
		AddReportEntry("the results", c.lab(ctx, "results", c.workshop.Name))

		By("deleting it")
		Expect(cluster.Delete(ctx, c.now(ctx))).To(Succeed())
		c.eventuallyGone(ctx, c.workshop)
		Expect(c.namespaces(ctx)).To(BeEmpty())
		for _, list := range []client.ObjectList{&v1beta1.LabResultList{}, &v1beta1.LabList{}} {
			Expect(cluster.List(ctx, list, client.MatchingLabels{v1beta1.WorkshopLabel: c.workshop.Name})).To(Succeed())
			Expect(list).To(HaveField("Items", BeEmpty()))
		}
		Eventually(func(g Gomega) {
			secrets := &corev1.SecretList{}
			g.Expect(cluster.List(ctx, secrets, client.InNamespace(c.workshop.Namespace))).To(Succeed())
			g.Expect(secrets.Items).To(BeEmpty())
		}).Should(Succeed())
	})
})

// newClass opens a workshop at once, for two hours.
func newClass(ctx context.Context, attendees ...string) *class {
	GinkgoHelper()
	namespace := inNamespace(ctx, "e2e-workshop")
	c := &class{folder: GinkgoT().TempDir(), workshop: &v1beta1.Workshop{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "e2e-class"},
		Spec: v1beta1.WorkshopSpec{
			ClosesAt: metav1.NewTime(time.Now().Add(2 * time.Hour).Truncate(time.Second)), MaxConcurrent: 4,
			LabTemplates: []v1beta1.LabTemplate{
				{Name: "storage", Spec: v1beta1.LabSpec{Topic: "docker", Exercise: "container-storage"}},
				{Name: "release", Spec: v1beta1.LabSpec{Topic: "kubernetes", Exercise: "helm-release"}},
			},
		},
	}}
	for _, name := range attendees {
		c.workshop.Spec.Attendees = append(c.workshop.Spec.Attendees, v1beta1.Attendee{Name: name})
	}
	Expect(cluster.Create(ctx, c.workshop)).To(Succeed())
	DeferCleanup(func(ctx context.Context) {
		Expect(client.IgnoreNotFound(cluster.Delete(ctx, c.workshop))).To(Succeed())
		c.eventuallyGone(ctx, c.workshop)
	})
	return c
}

func (c *class) now(ctx context.Context) *v1beta1.Workshop {
	GinkgoHelper()
	now := &v1beta1.Workshop{}
	Expect(cluster.Get(ctx, client.ObjectKeyFromObject(c.workshop), now)).To(Succeed())
	return now
}

func (c *class) edit(ctx context.Context, change func(*v1beta1.WorkshopSpec)) {
	GinkgoHelper()
	Eventually(func() error {
		now := c.now(ctx)
		change(&now.Spec)
		return cluster.Update(ctx, now)
	}).Should(Succeed())
}

// apply changes the spec, and confirms that it deletes work of attendees.
func (c *class) apply(ctx context.Context, change func(*v1beta1.WorkshopSpec)) {
	GinkgoHelper()
	c.edit(ctx, change)
	c.kubectl(ctx, "annotate", "workshop", c.workshop.Name, "--overwrite",
		fmt.Sprintf("%s=%d", v1beta1.ConfirmAnnotation, c.now(ctx).Generation))
}

func (c *class) eventuallyReady(ctx context.Context, attendees int) {
	GinkgoHelper()
	Eventually(c.now).WithArguments(ctx).WithTimeout(10*time.Minute).Should(And(
		HaveField("Status.Ready", BeEquivalentTo(attendees)), HaveField("Status.Attendees", BeEquivalentTo(attendees)),
	), func() string { return c.kubectl(ctx, "describe", "workshop", c.workshop.Name) })
}

func (c *class) eventuallyGone(ctx context.Context, object client.Object) {
	GinkgoHelper()
	Eventually(func() bool {
		return apierrors.IsNotFound(cluster.Get(ctx, client.ObjectKeyFromObject(object), object))
	}).WithTimeout(5 * time.Minute).Should(BeTrue())
}

func (c *class) home(attendee string) string {
	return roster.NamespaceName(client.ObjectKeyFromObject(c.workshop), roster.Handle(attendee))
}

// namespaces are those of the labs of all attendees.
func (c *class) namespaces(ctx context.Context) []string {
	GinkgoHelper()
	all := &corev1.NamespaceList{}
	Expect(cluster.List(ctx, all)).To(Succeed())
	var names []string
	for _, namespace := range all.Items {
		if strings.HasPrefix(namespace.Labels[v1beta1.LabNamespaceLabel], "ws-"+c.workshop.Name+"-") {
			names = append(names, namespace.Name)
		}
	}
	return names
}

// kubeconfig is the file that an attendee was handed.
func (c *class) kubeconfig(attendee string) string {
	return filepath.Join(c.folder, roster.Handle(attendee)+".kubeconfig")
}

// seat is the cluster as an attendee reaches it.
func (c *class) seat(attendee string) client.Client {
	GinkgoHelper()
	limited, err := clientcmd.BuildConfigFromFlags("", c.kubeconfig(attendee))
	Expect(err).NotTo(HaveOccurred())
	seated, err := client.New(limited, client.Options{Scheme: cluster.Scheme(), Mapper: cluster.RESTMapper()})
	Expect(err).NotTo(HaveOccurred())
	return seated
}

// solve runs the solution of the first lab with the attendee's own kubeconfig.
func (c *class) solve(ctx context.Context, attendee string) error {
	defer GinkgoRecover()
	lab := &v1beta1.Lab{}
	key := client.ObjectKey{Namespace: c.home(attendee), Name: "storage"}
	if err := cluster.Get(ctx, key, lab); err != nil {
		return err
	}
	who := &learner.Learner{Kubeconfig: c.kubeconfig(attendee)}
	script := filepath.Join(testenv.Root(), "labs", "container-storage", "solution.sh")
	return who.Run(ctx, script, key, lab.Status.Namespace, GinkgoWriter)
}

// kubectl and lab run the facilitator's commands in the namespace of the workshop.
func (c *class) kubectl(ctx context.Context, args ...string) string {
	GinkgoHelper()
	return c.run(ctx, "kubectl", args...)
}

func (c *class) lab(ctx context.Context, args ...string) string {
	GinkgoHelper()
	return c.run(ctx, "kubectl-lab", args...)
}

func (c *class) run(ctx context.Context, program string, args ...string) string {
	GinkgoHelper()
	command := exec.CommandContext(ctx, program, append(args, "--namespace", c.workshop.Namespace)...)
	command.Stderr = GinkgoWriter
	out, err := command.Output()
	Expect(err).NotTo(HaveOccurred(), "%s %s: %s", program, strings.Join(args, " "), out)
	return string(out)
}
