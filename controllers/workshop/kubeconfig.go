package workshop

import (
	"context"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
	"github.com/lab-operator/lab-operator/internal/roster"
)

const (
	// longestToken is how long a token is good at the most: one that is lost is worth little after that.
	longestToken = 7 * 24 * time.Hour
	// shortestToken is the shortest that the API server gives.
	shortestToken = 10 * time.Minute
)

// Cluster says how attendees reach the API server.
type Cluster struct {
	// Server is its address, as in https://203.0.113.7:6443.
	Server string
	// CA is the certificate of who signed the server's, in PEM.
	CA []byte
}

// tokenSeconds is how long a token is to be good, with whole seconds that do not end before the workshop does.
func tokenSeconds(left time.Duration) int64 {
	life := min(max(left, shortestToken), longestToken)
	return int64((life + time.Second - 1) / time.Second)
}

// grantAccess gives an attendee an account and a kubeconfig. That there is one is noted on the account, last: the operator can
// write the Secret and not read it.
func (r *Reconciler) grantAccess(ctx context.Context, s *scope, a *attendee) error {
	known := map[string]string{}
	had := !timeIn(a, v1beta1.KubeconfigExpiresAnnotation).IsZero()
	if a.account == nil {
		if err := r.Direct.Apply(ctx, s.account(a, known), client.FieldOwner(Owner), client.ForceOwnership); err != nil {
			return fmt.Errorf("make the account: %w", err)
		}
	}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To(tokenSeconds(a.closesAt.Sub(s.now)))}}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: a.namespace, Name: guardrail.LearnerServiceAccount}}
	if err := r.Direct.SubResource("token").Create(ctx, account, request); err != nil {
		return fmt.Errorf("request a token: %w", err)
	}
	data, err := kubeconfig(r.server(s.workshop), a.namespace, request.Status.Token)
	if err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	// The API server may have given less than was asked for.
	expires := request.Status.ExpirationTimestamp.Time
	known[v1beta1.KubeconfigExpiresAnnotation] = expires.UTC().Format(time.RFC3339)
	secret := corev1ac.Secret(roster.SecretName(s.key.Name, a.handle), s.key.Namespace).
		WithLabels(s.labels(a)).
		WithAnnotations(a.annotations()).
		WithAnnotations(known).
		WithOwnerReferences(metav1ac.OwnerReference().
			WithAPIVersion(v1beta1.GroupVersion.String()).WithKind("Workshop").WithName(s.key.Name).WithUID(s.workshop.UID)).
		WithType(v1beta1.KubeconfigSecretType).
		WithData(map[string][]byte{v1beta1.KubeconfigSecretKey: data})
	if err := r.Direct.Apply(ctx, secret, client.FieldOwner(Owner), client.ForceOwnership); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	known[v1beta1.KubeconfigRenewsAnnotation] = s.now.Add(expires.Sub(s.now) * 4 / 5).UTC().Format(time.RFC3339)
	if err := r.Direct.Apply(ctx, s.account(a, known), client.FieldOwner(Owner), client.ForceOwnership); err != nil {
		return fmt.Errorf("note the kubeconfig: %w", err)
	}
	a.renewed = had
	return nil
}

func (r *Reconciler) server(workshop *v1beta1.Workshop) Cluster {
	cluster := r.Cluster
	if workshop.Spec.APIServer != "" {
		cluster.Server = workshop.Spec.APIServer
	}
	return cluster
}

// kubeconfig lets an attendee in, with the namespace of the Labs at hand.
func kubeconfig(cluster Cluster, namespace, token string) ([]byte, error) {
	made := clientcmdapi.NewConfig()
	made.Clusters["lab"] = &clientcmdapi.Cluster{Server: cluster.Server, CertificateAuthorityData: cluster.CA}
	made.AuthInfos["learner"] = &clientcmdapi.AuthInfo{Token: token}
	made.Contexts["lab"] = &clientcmdapi.Context{Cluster: "lab", AuthInfo: "learner", Namespace: namespace}
	made.CurrentContext = "lab"
	return clientcmd.Write(*made)
}
