package policy

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// TestOnAPIServer sets a lab up with nothing but the rights in config/, tries what should and should not be possible
// around it, and tears it down. The parts build on each other.
func TestOnAPIServer(t *testing.T) {
	c := startCluster(t)
	steps := []struct {
		name string
		run  func(*testing.T)
	}{
		{"the policies become effective", c.waitForPolicies},
		{"the operator's pod is admitted", c.admitOperatorPod},
		{"the catalog and the samples are valid", c.admitCatalog},
		{"a lab is set up with the operator's own rights", c.setUpLab},
		{"the operator can be only the deployer", c.impersonate},
		{"rights", c.reviewRights},
		{"limits", c.tryLimits},
		{"flows", c.tryFlows},
		{"every kind is counted", c.countEveryKind},
		{"affinity ends at the namespace", c.refuseAffinityAcrossNamespaces},
		{"pod security", c.tryPodSecurity},
		{"policies", c.tryPolicies},
		{"templates of every kind", c.tryTemplates},
		{"every part of a policy is needed", c.leaveOutParts},
		{"teardown", c.tearDown},
	}
	for _, step := range steps {
		if !t.Run(step.name, step.run) {
			t.Fatalf("what follows builds on: %s", step.name)
		}
	}
}

// waitForPolicies waits until each policy refuses something that only it refuses.
func (c *cluster) waitForPolicies(t *testing.T) {
	forged := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "lab-forged", Labels: map[string]string{v1beta1.LabUIDLabel: "forged"}}}
	c.eventually(t, func() bool {
		return denied(client.NewDryRunClient(c.admin).Create(t.Context(), forged.DeepCopy()), "lab-operator-namespaces", "")
	})
	wrong := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "lab-wrong"}}
	c.eventually(t, func() bool {
		return denied(client.NewDryRunClient(c.clients[operator]).Create(t.Context(), wrong.DeepCopy()), "lab-operator-fence", "")
	})
}

// admitCatalog tries what is installed after the operator, and by learners.
func (c *cluster) admitCatalog(t *testing.T) {
	kinds := map[string]int{}
	for _, dir := range []string{"/catalog", "/samples"} {
		for _, object := range c.render(t, configDir+dir) {
			kinds[object.GetKind()]++
			wantNamespace := map[string]string{"AnswerKey": operatorNamespace}[object.GetKind()]
			if object.GetNamespace() != wantNamespace {
				t.Errorf("%s %s is in the namespace %q, want %q", object.GetKind(), object.GetName(), object.GetNamespace(), wantNamespace)
			}
			if object.GetKind() == "Lab" || object.GetKind() == "Workshop" {
				object.SetNamespace("default")
			}
			strict := &client.CreateOptions{Raw: &metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}}
			if err := client.NewDryRunClient(c.admin).Create(t.Context(), object, strict); err != nil {
				t.Errorf("%s %s: %v", object.GetKind(), object.GetName(), err)
			}
		}
	}
	for _, kind := range []string{"Exercise", "Topic", "AnswerKey", "Lab", "Workshop"} {
		if kinds[kind] == 0 {
			t.Errorf("there is no %s", kind)
		}
	}
}

// seatAttendee does for an attendee what the operator does, with the rights that it has given to itself for that.
func (c *cluster) seatAttendee(t *testing.T) {
	t.Helper()
	as := c.clients[operator]
	registrar := roleBinding(attendeeNamespace, "ClusterRole", "lab-operator-registrar")
	registrar.Name = "lab-operator-registrar"
	registrar.Subjects = []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: operatorNamespace, Name: "lab-operator"}}
	c.must(t, as.Create(t.Context(), registrar))
	account := applycorev1.ServiceAccount("learner", attendeeNamespace)
	c.eventually(t, func() bool {
		return as.Apply(t.Context(), account, client.FieldOwner("lab-operator")) == nil
	})
	c.must(t, token(attendeeNamespace, "learner")(t.Context(), as))
}

// setUpLab does for a Lab what the operator does, as the operator and as the deployer.
func (c *cluster) setUpLab(t *testing.T) {
	lab := &v1beta1.Lab{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "hpa", Labels: map[string]string{"class": "a"}},
		Spec:       v1beta1.LabSpec{Topic: "kubernetes", Exercise: "hpa-scaling"},
	}
	c.install(t, lab)
	c.lab = guardrail.Lab{Name: lab.Name, Namespace: lab.Namespace, UID: lab.UID}
	as := c.clients[operator]
	c.must(t, as.Patch(t.Context(), lab, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":["`+v1beta1.LabFinalizer+`"]}}`))))
	c.must(t, as.Status().Patch(t.Context(), lab, client.RawPatch(types.MergePatchType, []byte(`{"status":{"phase":"Provisioning"}}`))))

	spec := exercise(false)
	if name := guardrail.NamespaceName(lab.Namespace, lab.Name); name != labNamespace {
		t.Fatalf("the lab's namespace is %s, want %s", name, labNamespace)
	}
	c.must(t, as.Create(t.Context(), guardrail.Namespace(c.lab, labNamespace, spec, append(setup(), protectedByName()...))))
	objects := guardrail.Objects(guardrail.Settings{OperatorNamespace: operatorNamespace}, c.lab, labNamespace, spec)
	// The second time, what is there is patched.
	for range 2 {
		for _, object := range objects {
			c.must(t, as.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object.DeepCopy()), client.FieldOwner("lab-operator"), client.ForceOwnership))
		}
	}
	c.countQuota(t)
	for _, object := range setup() {
		c.eventually(t, func() bool {
			return c.clients[deployer].Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object.DeepCopy()), client.FieldOwner("lab-deployer")) == nil
		})
	}
	loose := exercise(false)
	loose.PodSecurity = v1beta1.PodSecurityBaseline
	c.must(t, as.Create(t.Context(), guardrail.Namespace(guardrail.Lab{Name: "loose", Namespace: "default", UID: "loose"}, baselineNamespace, loose, nil)))
	c.install(t, serviceAccount(baselineNamespace, "default"))
	c.must(t, as.Create(t.Context(), guardrail.Namespace(guardrail.Lab{Name: "counted", Namespace: "default", UID: "counted"}, countedNamespace, exercise(true), nil)))
	c.install(t, serviceAccount(countedNamespace, "default"))
	c.install(t, configMap(labNamespace, "mine"))
	c.install(t, withFinalizer(configMap(labNamespace, "held")))
	guard := restrictedPod("guard")
	guard.Labels = map[string]string{v1beta1.ProtectedLabel: "true"}
	c.install(t, guard)
	c.install(t, restrictedPod("growing"))
	c.install(t, workerPod("worker"))
	c.must(t, c.admin.SubResource("binding").Create(t.Context(), workerPod("worker"), &corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: "one"}}))
	c.install(t, smallClaim("stored"))
	c.install(t, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: labNamespace, Name: "web"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}},
	})
	c.must(t, as.Create(t.Context(), namespace(attendeeNamespace, map[string]string{v1beta1.WorkshopUIDLabel: "uid"})))
	c.install(t, serviceAccount(attendeeNamespace, "default"))
	c.install(t, serviceAccount("default", "default"))
	c.seatAttendee(t)
	c.install(t, namespace("bystander", nil))
	c.install(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "bystander"}})
	bystander := setup()[0]
	bystander.SetNamespace("default")
	bystander.SetName("bystander")
	c.install(t, bystander)
	c.install(t, configMap("default", "bystander"))
	pod := restrictedPod("bystander")
	pod.Namespace = "default"
	c.install(t, pod)
	c.install(t, &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "edit-everything"},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{"*"}, Resources: []string{"*"},
			Verbs: []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"},
		}},
	})
	// The cluster's own get every right too, so that it is the policies that let them pass.
	c.install(t, confirmed())
	c.must(t, as.Create(t.Context(), exerciseRevision("hpa-scaling-838d905ce4")))
	c.must(t, as.Create(t.Context(), labReview("hpa")))
	c.bindInCluster(t, "edit-everything", rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: controllerManager})
	for _, user := range []string{falseOperator, falseDeployer} {
		c.giveEveryRightInLab(t, user)
		c.bindInCluster(t, "edit-everything", rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: user})
	}
	for _, user := range []string{editor, facilitator, controllerManager, scheduler, node, autoscaler} {
		c.giveEveryRightInLab(t, user)
	}
	c.bindInCluster(t, "lab-operator-administrator", rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: facilitator})
	c.install(t, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "teacher"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "lab-operator-administrator"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: teacher}},
	})
	c.install(t, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "learner"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "lab-operator-learner-labs"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "default", Name: "learner"}},
	})
}

// exercise is one that gives containers a CPU request or not.
func exercise(defaultRequests bool) *v1beta1.ExerciseSpec {
	return &v1beta1.ExerciseSpec{Quota: v1beta1.LabQuota{
		DefaultRequests: &defaultRequests, Storage: resource.MustParse("1Gi"),
	}}
}

// setup is what an exercise might start with: a protected workload, one that its pods are protected with too, and
// objects of the learner's.
func setup() []*unstructured.Unstructured {
	deployment := func(name string, labels, podLabels map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apps/v1", "kind": "Deployment",
			"metadata": map[string]any{"namespace": labNamespace, "name": name, "labels": labels},
			"spec": map[string]any{
				"replicas": int64(1),
				"selector": map[string]any{"matchLabels": podLabels},
				"template": map[string]any{
					"metadata": map[string]any{"labels": podLabels},
					"spec":     map[string]any{"containers": []any{map[string]any{"name": "web", "image": "web:1"}}},
				},
			},
		}}
	}
	guarded := map[string]any{v1beta1.ProtectedLabel: "true"}
	return []*unstructured.Unstructured{
		deployment("web", map[string]any{"app": "web"}, map[string]any{"app": "web"}),
		deployment("load", guarded, map[string]any{"app": "load"}),
		deployment("probe", guarded, map[string]any{"app": "probe", v1beta1.ProtectedLabel: "true"}),
		deployment("half", map[string]any{"app": "half"}, map[string]any{"app": "half", v1beta1.ProtectedLabel: "true"}),
		{Object: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap",
			"metadata": map[string]any{"namespace": labNamespace, "name": "rules", "labels": guarded},
			"data":     map[string]any{"rule": "1"},
		}},
	}
}

// countQuota does what the controller manager does, which is not running: until a quota has a status nothing is created.
func (c *cluster) countQuota(t *testing.T) {
	t.Helper()
	quotas := &corev1.ResourceQuotaList{}
	c.must(t, c.admin.List(t.Context(), quotas, client.InNamespace(labNamespace)))
	for _, quota := range quotas.Items {
		quota.Status.Hard = quota.Spec.Hard
		quota.Status.Used = corev1.ResourceList{}
		for name, hard := range quota.Spec.Hard {
			hard.Set(0)
			quota.Status.Used[name] = hard
		}
		c.must(t, c.admin.Status().Update(t.Context(), &quota))
	}
}

// giveEveryRightInLab gives a user all that RBAC has, in the lab's namespace and for the Labs in default.
func (c *cluster) giveEveryRightInLab(t *testing.T, user string) {
	t.Helper()
	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}}
	for _, namespace := range []string{labNamespace, "default"} {
		c.install(t, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: user},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit-everything"},
			Subjects:   subjects,
		})
	}
}

// bindInCluster binds a ClusterRole for the whole cluster.
func (c *cluster) bindInCluster(t *testing.T, role string, subjects ...rbacv1.Subject) {
	t.Helper()
	c.install(t, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   subjects,
	})
}
