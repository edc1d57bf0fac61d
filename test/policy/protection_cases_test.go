package policy

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// protectedByName is the part of a setup that the policies know by name alone: nothing of it is installed.
func protectedByName() []*unstructured.Unstructured {
	const mark = `labels: {` + v1beta1.ProtectedLabel + `: "true"}`
	return []*unstructured.Unstructured{
		parse(`{apiVersion: v1, kind: Pod, metadata: {name: guard, ` + mark + `}}`),
		parse(`{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: ledger, ` + mark + `}}`),
		parse(`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: postgres, ` + mark + `}, spec: {volumeClaimTemplates: [{metadata: {name: data}}],
			template: {metadata: {` + mark + `, annotations: {` + v1beta1.OpenContainersAnnotation + `: client}}}}}`),
		parse(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: postgres-proxy, ` + mark + `}, spec: {template: {metadata: {` + mark + `}}}}`),
		parse(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: customers, ` + mark + `}, spec: {template: {metadata: {` + mark + `, annotations: {` + v1beta1.OpenPortsAnnotation + `: "true"}}}}}`),
	}
}

// parse reads an object from YAML, for the lab's namespace.
func parse(text string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: content(text)}
	o.SetNamespace(labNamespace)
	return o
}

// content reads a map from YAML.
func content(text string) map[string]any {
	read := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &read); err != nil {
		panic(fmt.Sprintf("%v in:\n%s", err, text)) // Only literals of this package come here.
	}
	return read
}

// templateAttempts are about the label in what controllers make objects from. The generated test goes through all kinds.
func templateAttempts() map[string]attempt {
	const (
		policy = "lab-operator-guardrails"
		pods   = "the label learning.lab-operator.dev/protected marks what belongs to the lab itself, leave it out of the labels in your templates"
		claims = pods + " of claims"
	)
	labels := func(value string) map[string]any { return map[string]any{"app": "web", v1beta1.ProtectedLabel: value} }
	withTemplate := func(value string) *unstructured.Unstructured {
		made := setup()[0]
		made.SetName("new")
		_ = unstructured.SetNestedMap(made.Object, labels(value), "spec", "template", "metadata", "labels")
		return made
	}
	inTemplate := `{"spec":{"template":{"metadata":{"labels":{"` + v1beta1.ProtectedLabel + `":"true"}}}}}`
	revision := func(data string) *appsv1.ControllerRevision {
		made := &appsv1.ControllerRevision{Data: runtime.RawExtension{Raw: []byte(data)}}
		made.Namespace, made.Name = labNamespace, "new"
		return made
	}
	marked := `{"metadata":{"labels":{"` + v1beta1.ProtectedLabel + `":"true"}}}`
	text := configMap(labNamespace, "new")
	text.Object["data"] = map[string]any{"spec": "template", "template": "metadata"}
	return map[string]attempt{
		"a learner makes no pods that are protected":               mayNot(learner, create(withTemplate("true")), policy, pods),
		"a learner protects no pods later":                         mayNot(learner, merge(deployment("web"), inTemplate), policy, pods),
		"a learner applies no template that protects":              mayNot(learner, applied(withTemplate("true")), policy, pods),
		"whoever has all rights makes no revision of such pods":    mayNot(editor, create(revision(`{"spec":{"template":`+marked+`}}`)), policy, pods),
		"whoever has all rights makes no revision of such claims":  mayNot(editor, create(revision(`{"spec":{"volumeClaimTemplates":[{},`+marked+`]}}`)), policy, claims),
		"whoever has all rights makes other revisions":             may(editor, create(revision(`{"spec":{"template":{"metadata":{"labels":{"a":"b"}}}}}`))),
		"a learner makes no claims that are protected":             mayNot(learner, create(claimingSet(labels("true"))), policy, claims),
		"a learner makes claims":                                   may(learner, create(claimingSet(labels("no")))),
		"a learner makes pods with a label of another value":       may(learner, create(withTemplate("no"))),
		"a learner's texts are no templates":                       may(learner, create(text)),
		"a learner changes what the setup made with such pods":     may(learner, merge(deployment("half"), `{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}`)),
		"a learner scales no workload that the operator noted":     mayNot(learner, mergeSub(deployment("load"), "scale", `{"spec":{"replicas":0}}`), policy, "load belongs to the lab itself: it cannot be changed or deleted"),
		"the deployer makes pods that are protected":               may(deployer, create(withTemplate("true"))),
		"the controller manager makes their ReplicaSets and so on": may(controllerManager, create(withTemplate("true"))),
		"a facilitator makes pods that are protected":              may(facilitator, create(withTemplate("true"))),
	}
}

// claimingSet is a StatefulSet whose claims have labels.
func claimingSet(labels map[string]any) *unstructured.Unstructured {
	made := setup()[0]
	made.SetKind("StatefulSet")
	made.SetName("new")
	claim := map[string]any{"metadata": map[string]any{"name": "data", "labels": labels}, "spec": content(aClaim)}
	_ = unstructured.SetNestedSlice(made.Object, []any{claim}, "spec", "volumeClaimTemplates")
	return made
}

// applied applies an object on the server.
func applied(o *unstructured.Unstructured) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		return c.Apply(ctx, client.ApplyConfigurationFromUnstructured(o.DeepCopy()), client.FieldOwner("kubectl"), client.ForceOwnership)
	}
}

// claimAttempts are about who mounts or copies a claim of the lab itself.
func claimAttempts() map[string]attempt {
	const (
		policy = "lab-operator-claims"
		no     = " belongs to the lab itself: no other pod mounts it"
		noCopy = " belongs to the lab itself: no other claim is a copy of it"
	)
	mounting := func(claims ...string) *corev1.Pod {
		pod := restrictedPod("new")
		for i, claim := range claims {
			pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: fmt.Sprintf("v%d", i), VolumeSource: corev1.VolumeSource{
				PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
			}})
		}
		return pod
	}
	copying := func(source string) *corev1.PersistentVolumeClaim {
		claim := smallClaim("new")
		claim.Spec.DataSource = &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: source}
		return claim
	}
	referring := smallClaim("new")
	referring.Spec.DataSourceRef = &corev1.TypedObjectReference{Kind: "PersistentVolumeClaim", Name: "ledger"}
	twin := copying("ledger")
	twin.Labels = map[string]string{v1beta1.ProtectedLabel: "true"}
	foreign := copying("ledger")
	foreign.Namespace = "default"
	member := mounting("ledger")
	member.Labels = map[string]string{v1beta1.ProtectedLabel: "true"}
	return map[string]attempt{
		"a learner's pod mounts no claim of the lab":         mayNot(learner, create(mounting("ledger")), policy, "the claim ledger"+no),
		"nor among others":                                   mayNot(learner, create(mounting("mine", "ledger")), policy, "the claim ledger"+no),
		"nor one of a StatefulSet":                           mayNot(learner, create(mounting("data-postgres-0")), policy, "the claim data-postgres-0"+no),
		"no controller makes a pod that does":                mayNot(controllerManager, create(mounting("ledger")), policy, "the claim ledger"+no),
		"a learner's pod mounts claims":                      may(learner, create(mounting("mine", "ledger2", "data-postgres"))),
		"a controller makes the pod that belongs to a claim": may(controllerManager, create(member)),
		"elsewhere a pod mounts what it will":                may(editor, inDefault(mounting("ledger"))),
		"a learner's claim is no copy of one of the lab":     mayNot(learner, create(copying("ledger")), policy, "the claim ledger"+noCopy),
		"nor does it refer to one":                           mayNot(learner, create(referring), policy, "the claim ledger"+noCopy),
		"nor is it the copy of one of a StatefulSet":         mayNot(learner, create(copying("data-postgres-0")), policy, "the claim data-postgres-0"+noCopy),
		"no controller makes a claim that is":                mayNot(controllerManager, create(copying("ledger")), policy, "the claim ledger"+noCopy),
		"another lab-deployer hands out no copy":             mayNot(falseDeployer, create(copying("ledger")), policy, "the claim ledger"+noCopy),
		"a learner's claim is a copy of a like-named one":    may(learner, create(copying("ledger2"))),
		"a setup hands out a copy":                           may(deployer, create(copying("ledger"))),
		"a setup's pod mounts no claim of the lab":           mayNot(deployer, create(mounting("ledger")), policy, "the claim ledger"+no),
		"a controller copies a claim for the lab itself":     may(controllerManager, create(twin)),
		"elsewhere a claim is a copy of what it will":        may(editor, create(foreign)),
	}
}

// connectionAttempts are about commands and ports in pods of the lab itself. The pods need not be there: the API server
// asks for admission first.
func connectionAttempts() map[string]attempt {
	const (
		policy   = "lab-operator-connections"
		closed   = " belongs to the lab itself: no container of it can be entered. Use a pod of your own"
		only     = "pod postgres-0 belongs to the lab itself: of its containers, enter only client. Add --container=client"
		noPorts  = " belongs to the lab itself: none of its ports can be forwarded"
		noProxy  = "the API server is no way to the pods and Services of a lab, use kubectl port-forward"
		probePod = "probe-6b9f5c7d8-x2x7q"
	)

	all := map[string]attempt{
		"a learner enters no protected pod":                          mayNot(learner, enter("pods/exec", labNamespace, "guard", "main"), policy, "pod guard"+closed),
		"a learner enters none without naming a container":           mayNot(learner, enter("pods/exec", labNamespace, "guard", ""), policy, "pod guard"+closed),
		"a learner enters no pod of a protected workload":            mayNot(learner, enter("pods/exec", labNamespace, probePod, "web"), policy, "pod "+probePod+closed),
		"a learner attaches to no protected pod":                     mayNot(learner, enter("pods/attach", labNamespace, "guard", "main"), policy, "pod guard"+closed),
		"a learner enters no container beside the open one":          mayNot(learner, enter("pods/exec", labNamespace, "postgres-0", "postgres"), policy, only),
		"a learner has to name the open container":                   mayNot(learner, enter("pods/exec", labNamespace, "postgres-0", ""), policy, only),
		"a learner attaches to no container beside the open one":     mayNot(learner, enter("pods/attach", labNamespace, "postgres-0", "postgres"), policy, only),
		"a workload opens nothing of one with a longer name":         mayNot(learner, enter("pods/exec", labNamespace, "postgres-proxy-1", "client"), policy, "pod postgres-proxy-1"+closed),
		"a learner forwards no port of a protected pod":              mayNot(learner, enter("pods/portforward", labNamespace, "guard", ""), policy, "pod guard"+noPorts),
		"a learner forwards no port where only a container is open":  mayNot(learner, enter("pods/portforward", labNamespace, "postgres-0", ""), policy, "pod postgres-0"+noPorts),
		"whoever has all rights reaches no pod by proxy":             mayNot(editor, enter("pods/proxy", labNamespace, "mine:80", ""), policy, noProxy),
		"whoever has all rights reaches no Service by proxy":         mayNot(editor, enter("services/proxy", labNamespace, "none", ""), policy, noProxy),
		"a learner enters the open container":                        may(learner, enter("pods/exec", labNamespace, "postgres-0", "client")),
		"a learner attaches to the open container":                   may(learner, enter("pods/attach", labNamespace, "postgres-0", "client")),
		"a learner forwards a port that is open":                     may(learner, enter("pods/portforward", labNamespace, "customers-5d-abcde", "")),
		"a learner enters other pods":                                may(learner, enter("pods/exec", labNamespace, "mine", "")),
		"a learner forwards ports of other pods":                     may(learner, enter("pods/portforward", labNamespace, "mine", "")),
		"a learner enters a pod whose name only begins like another": may(learner, enter("pods/exec", labNamespace, "guard-1", "")),
		"the deployer looks at any port":                             may(deployer, enter("pods/portforward", labNamespace, "guard", "")),
		"the operator looks at any port":                             may(operator, enter("pods/portforward", labNamespace, "guard", "")),
		"a facilitator enters any pod":                               may(facilitator, enter("pods/exec", labNamespace, "guard", "main")),
		"an administrator enters any pod":                            may(administrator, enter("pods/exec", labNamespace, "guard", "main")),
		"elsewhere the names mean nothing":                           may(editor, enter("pods/exec", "default", "guard", "main")),
		"elsewhere the proxy is not the operator's business":         may(editor, enter("pods/proxy", "default", "guard", "")),
	}
	for name, a := range all {
		a.forReal = true
		all[name] = a
	}
	return all
}

// enter asks for a connection to a pod or a Service that is not there: that is said only once it is admitted.
func enter(what, namespace, name, container string) func(context.Context, client.Client) error {
	return func(ctx context.Context, c client.Client) error {
		core, err := kubernetes.NewForConfig(c.(account).config)
		if err != nil {
			return err
		}
		var options runtime.Object
		resource, subresource, _ := strings.Cut(what, "/")
		switch subresource {
		case "exec":
			options = &corev1.PodExecOptions{Container: container, Command: []string{"true"}, Stdout: true}
		case "attach":
			options = &corev1.PodAttachOptions{Container: container, Stdout: true}
		case "portforward":
			options = &corev1.PodPortForwardOptions{Ports: []int32{80}}
		default:
			options = &corev1.PodProxyOptions{}
		}
		err = core.CoreV1().RESTClient().Post().Namespace(namespace).Resource(resource).Name(name).SubResource(subresource).
			VersionedParams(options, clientgoscheme.ParameterCodec).Do(ctx).Error()
		return admitted(err, name)
	}
}

// admitted takes away the error of a connection that was admitted, to what is not there or does not run.
func admitted(err error, name string) error {
	name, _, _ = strings.Cut(name, ":")
	if apierrors.IsNotFound(err) && strings.Contains(err.Error(), `"`+name+`" not found`) {
		return nil
	}
	if err != nil && strings.Contains(err.Error(), "pod "+name+" does not have a host assigned") {
		return nil
	}
	return err
}
