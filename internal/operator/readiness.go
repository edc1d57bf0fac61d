package operator

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// readyTimeout bounds one look, below the second after which the kubelet gives up.
const readyTimeout = 800 * time.Millisecond

// namespaces is the kind of Namespaces of which only the metadata is cached.
func namespaces() client.Object {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	return object
}

// pins is the kind of ControllerRevisions of which only the metadata is cached: they hold the answers.
func pins() client.Object {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind("ControllerRevision"))
	return object
}

// cachedKinds are all kinds that the manager's cache holds, by their names.
func cachedKinds() map[string]client.Object {
	return map[string]client.Object{
		"labs": &v1beta1.Lab{}, "workshops": &v1beta1.Workshop{}, "labresults": &v1beta1.LabResult{}, "labreviews": &v1beta1.LabReview{},
		"exercises": &v1beta1.Exercise{}, "topics": &v1beta1.Topic{}, "answerkeys": &v1beta1.AnswerKey{},
		"exerciserevisions": &v1beta1.ExerciseRevision{}, "controllerrevisions": pins(),
		"namespaces": namespaces(), "serviceaccounts": &corev1.ServiceAccount{}, "rolebindings": &rbacv1.RoleBinding{},
		"resourcequotas": &corev1.ResourceQuota{}, "limitranges": &corev1.LimitRange{}, "networkpolicies": &networkingv1.NetworkPolicy{},
	}
}

// readiness answers /readyz: a replica is ready when the API server serves all of our kinds and every cache is in sync,
// whether or not it leads. It logs when the answer changes.
type readiness struct {
	cache cache.Cache
	kinds func(context.Context) error
	log   logr.Logger

	mu sync.Mutex
	// told is the last answer, empty for ready.
	told string
}

// Check returns nil if the replica is ready.
func (r *readiness) Check(req *http.Request) error {
	ctx, cancel := context.WithTimeout(req.Context(), readyTimeout)
	defer cancel()
	err := r.check(ctx)
	answer := ""
	if err != nil {
		answer = err.Error()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case answer == r.told:
	case err != nil:
		r.log.Info("Not ready", "reason", answer)
	default:
		r.log.Info("Ready")
	}
	r.told = answer
	return err
}

func (r *readiness) check(ctx context.Context) error {
	if err := r.kinds(ctx); err != nil {
		return err
	}
	var waiting []string
	objects := cachedKinds()
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		informer, err := r.cache.GetInformer(ctx, objects[name], cache.BlockUntilSynced(false))
		if err != nil {
			return fmt.Errorf("the cache of %s: %w", name, err)
		}
		if !informer.HasSynced() {
			waiting = append(waiting, name)
		}
	}
	if len(waiting) > 0 {
		return fmt.Errorf("the caches of %s are not in sync yet", strings.Join(waiting, ", "))
	}
	return nil
}
