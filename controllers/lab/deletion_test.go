package lab_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

var _ = Describe("a Lab whose results the cluster refuses", func() {
	for _, reason := range []metav1.StatusReason{metav1.StatusReasonInvalid, metav1.StatusReasonForbidden} {
		It("says so, goes on and can be deleted: "+string(reason), func(ctx SpecContext) {
			workshop := types.NamespacedName{Namespace: metav1.NamespaceDefault, Name: unique("workshop")}
			refusal := unique("no-results")
			create(ctx, &admissionv1.ValidatingAdmissionPolicy{
				ObjectMeta: metav1.ObjectMeta{Name: refusal},
				Spec: admissionv1.ValidatingAdmissionPolicySpec{
					MatchConstraints: &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{{
						RuleWithOperations: admissionv1.RuleWithOperations{
							Operations: []admissionv1.OperationType{admissionv1.Create},
							Rule:       admissionv1.Rule{APIGroups: []string{v1beta1.GroupVersion.Group}, APIVersions: []string{"*"}, Resources: []string{"labresults"}},
						},
					}}},
					Validations: []admissionv1.Validation{{Expression: "object.spec.workshop != '" + workshop.Name + "'", Message: "no results here", Reason: &reason}},
				},
			})
			create(ctx, &admissionv1.ValidatingAdmissionPolicyBinding{
				ObjectMeta: metav1.ObjectMeta{Name: refusal},
				Spec:       admissionv1.ValidatingAdmissionPolicyBindingSpec{PolicyName: refusal, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny}},
			})
			Eventually(func() error {
				result := &v1beta1.LabResult{ObjectMeta: metav1.ObjectMeta{Namespace: workshop.Namespace, Name: workshop.Name}, Spec: v1beta1.LabResultSpec{
					Workshop: workshop.Name, Attendee: "ada", Lab: "lab", Topic: "topic", Exercise: "exercise",
				}}
				return cluster.Client.Create(ctx, result, client.DryRunAll)
			}).WithContext(ctx).Should(MatchError(ContainSubstring("no results here")))

			home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: roster.NamespaceName(workshop, "ada")}}
			create(ctx, home)
			lab := newCatalog(unique("topic")).create(ctx).lab()
			lab.Namespace = home.Name
			lab.Labels = map[string]string{
				v1beta1.WorkshopLabel: workshop.Name, v1beta1.WorkshopNamespaceLabel: workshop.Namespace, v1beta1.AttendeeLabel: "ada",
			}
			lab = started(ctx, lab)
			setLevel(ctx, lab, "high")
			now := eventuallyCondition(ctx, lab, v1beta1.ConditionStalled, metav1.ConditionTrue, v1beta1.ReasonResultRefused, "no results here")
			Expect(now).To(haveCondition(v1beta1.ConditionStalled, metav1.ConditionTrue, v1beta1.ReasonResultRefused, "Admission policy "+refusal+" of this cluster"))
			Expect(now).To(haveCondition(v1beta1.ConditionReady, metav1.ConditionTrue, v1beta1.ReasonReady, ""))
			setMark(ctx, lab)
			eventually(ctx, lab, func(g Gomega, now *v1beta1.Lab) {
				g.Expect(now.Status.Phase).To(Equal(v1beta1.LabCompleted))
			})
			Eventually(func() []string { return reasons(ctx, lab) }).WithContext(ctx).Should(ContainElement(v1beta1.ReasonResultRefused))

			Expect(cluster.Client.Delete(ctx, lab)).To(Succeed())
			Eventually(func() bool {
				_, err := get(ctx, lab)
				return apierrors.IsNotFound(err)
			}).WithContext(ctx).Should(BeTrue())
		})
	}
})
