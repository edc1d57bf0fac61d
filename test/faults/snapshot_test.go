package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// snapshot is the state of a lab at one time, without what differs between runs.
type snapshot struct {
	Status   v1beta1.LabStatus
	Contents []string // of the lab's namespace: kind and name, with the data of what the learner works on
	Reviewed []string // the questions in the LabReview, with their states: it is written behind the status
}

// seconds matches the time that a lab took, as the status gives it.
var seconds = regexp.MustCompile(`Completed in [0-9hms]+\.`)

// observe reads a lab. Settled is false while the status is about another spec or another namespace
// than there is. The contents of the namespace are read only if the status is as wanted, or if
// there is no baseline yet.
func (r *scenarioRun) observe(ctx context.Context, want *snapshot) (observed snapshot, settled bool, err error) {
	lab := &v1beta1.Lab{}
	if err := r.admin.Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: r.lab}, lab); err != nil {
		return snapshot{}, false, fmt.Errorf("read the lab: %w", err)
	}
	observed.Status = r.normalize(&lab.Status)
	if lab.Status.ObservedGeneration != lab.Generation || want != nil && !cmp.Equal(want.Status, observed.Status) {
		return observed, false, nil
	}
	namespace, err := r.namespaceUID(ctx)
	if err != nil {
		return snapshot{}, false, err
	}
	if observed.Contents, err = r.contents(ctx); err != nil {
		return snapshot{}, false, err
	}
	if observed.Reviewed, err = r.reviewed(ctx); err != nil {
		return snapshot{}, false, err
	}
	uid := ""
	if lab.Status.Environment != nil {
		uid = lab.Status.Environment.NamespaceUID
	}
	return observed, uid == namespace, nil
}

// reviewed returns the questions in the LabReview, none if there is no LabReview.
func (r *scenarioRun) reviewed(ctx context.Context) ([]string, error) {
	review := &v1beta1.LabReview{}
	err := r.admin.Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: r.lab}, review)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("read the review: %w", err)
	}
	var reviewed []string
	for _, question := range review.Spec.Questions {
		reviewed = append(reviewed, question.ID+" "+string(question.State))
	}
	return reviewed, nil
}

// namespaceUID is empty if there is no namespace, and says so of one that is terminating.
func (r *scenarioRun) namespaceUID(ctx context.Context) (string, error) {
	namespace := &corev1.Namespace{}
	err := r.admin.Get(ctx, client.ObjectKey{Name: r.namespace}, namespace)
	switch {
	case apierrors.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("read the lab's namespace: %w", err)
	case namespace.DeletionTimestamp != nil:
		return "terminating", nil
	}
	return string(namespace.UID), nil
}

// objects returns those in the lab's namespace, by resource and name.
func (r *scenarioRun) objects(ctx context.Context) (map[string]client.Object, error) {
	objects := map[string]client.Object{}
	for resource, list := range map[string]client.ObjectList{
		"configmaps":      &corev1.ConfigMapList{},
		"resourcequotas":  &corev1.ResourceQuotaList{},
		"limitranges":     &corev1.LimitRangeList{},
		"networkpolicies": &networkingv1.NetworkPolicyList{},
		"rolebindings":    &rbacv1.RoleBindingList{},
	} {
		if err := r.admin.List(ctx, list, client.InNamespace(r.namespace)); err != nil {
			return nil, fmt.Errorf("list what is in the lab's namespace: %w", err)
		}
		err := meta.EachListItem(list, func(item runtime.Object) error {
			object, ok := item.(client.Object)
			if !ok {
				return fmt.Errorf("%T is no object", item)
			}
			objects[resource+" "+object.GetName()] = object
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read what is in the lab's namespace: %w", err)
		}
	}
	return objects, nil
}

// contents returns the objects in the lab's namespace, with the data that the learner works on.
func (r *scenarioRun) contents(ctx context.Context) ([]string, error) {
	objects, err := r.objects(ctx)
	if err != nil {
		return nil, err
	}
	contents := slices.Collect(maps.Keys(objects))
	for i, name := range contents {
		settings, ok := objects[name].(*corev1.ConfigMap)
		if !ok {
			continue
		}
		data, err := json.Marshal(settings.Data)
		if err != nil {
			return nil, fmt.Errorf("describe %s: %w", name, err)
		}
		contents[i] += " " + string(data)
	}
	slices.Sort(contents)
	return contents, nil
}

// normalize returns a status in which all times and all names of the run are the same.
func (r *scenarioRun) normalize(status *v1beta1.LabStatus) v1beta1.LabStatus {
	normal := *status.DeepCopy()
	sometime := metav1.NewTime(time.Unix(0, 0).UTC())
	flatten := func(at **metav1.Time) {
		if *at != nil {
			*at = &sometime
		}
	}
	flatten(&normal.CompletedAt)
	flatten(&normal.StartedAt)
	if normal.Environment != nil {
		flatten(&normal.Environment.StartedAt)
		normal.Environment.NamespaceUID = "uid"
	}
	for i := range normal.Tasks {
		flatten(&normal.Tasks[i].OpenedAt)
		flatten(&normal.Tasks[i].PassedAt)
	}
	for i := range normal.Conditions {
		normal.Conditions[i].LastTransitionTime = sometime
		normal.Conditions[i].Message = strings.ReplaceAll(normal.Conditions[i].Message, r.lab, "NAME")
	}
	slices.SortFunc(normal.Conditions, func(a, b metav1.Condition) int { return strings.Compare(a.Type, b.Type) })
	normal.Namespace = strings.ReplaceAll(normal.Namespace, r.lab, "NAME")
	normal.Next = seconds.ReplaceAllString(strings.ReplaceAll(normal.Next, r.lab, "NAME"), "Completed in time.")
	if question := normal.Current.TaskQuestion; question != nil {
		// The letters are this Lab's own.
		for i, option := range question.Options {
			_, question.Options[i], _ = strings.Cut(option, ") ")
		}
		slices.Sort(question.Options)
		question.AnswerWith = strings.ReplaceAll(question.AnswerWith, r.lab, "NAME")
	}
	return normal
}
