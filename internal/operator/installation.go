package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/guardrail"
)

// install is what to do about an installation that is not complete.
const install = "install all of it: kubectl apply --server-side -f dist/install.yaml"

// errKindsMissing is the error where the API server does not serve all of our kinds.
var errKindsMissing = errors.New("kinds are missing")

// resources are our kinds, as the API server names them.
func resources() []string {
	return []string{"answerkeys", "exerciserevisions", "exercises", "labresults", "labreviews", "labs", "topics", "workshops"}
}

// installation looks whether the cluster has what the operator can't work without: our kinds, and the admission policies
// that keep the operator itself to the namespaces of labs and attendees.
type installation struct {
	client    kubernetes.Interface
	namespace string
}

func newInstallation(cluster *rest.Config, namespace string) (*installation, error) {
	client, err := kubernetes.NewForConfig(cluster)
	if err != nil {
		return nil, fmt.Errorf("make the client that looks at the installation: %w", err)
	}
	return &installation{client: client, namespace: namespace}, nil
}

// check returns nil if the installation is complete, and otherwise an error that says what to do.
func (i *installation) check(ctx context.Context) error {
	if err := i.kinds(ctx); err != nil {
		return err
	}
	account, err := i.account(ctx)
	if err != nil {
		return err
	}
	return i.policies(ctx, account)
}

// kinds returns errKindsMissing if the API server lacks one of our kinds.
func (i *installation) kinds(ctx context.Context) error {
	asking := discovery.ToServerResourcesInterfaceWithContext(i.client.Discovery())
	served, err := asking.ServerResourcesForGroupVersionWithContext(ctx, v1beta1.GroupVersion.String())
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("ask the API server for its kinds: %w", err)
	}
	missing := resources()
	if err == nil {
		missing = slices.DeleteFunc(missing, func(name string) bool {
			return slices.ContainsFunc(served.APIResources, func(resource metav1.APIResource) bool { return resource.Name == name })
		})
	}
	if len(missing) == 0 {
		return nil
	}
	earlier, err := i.earlierVersions(ctx)
	if err != nil {
		return err
	}
	if len(earlier) > 0 {
		advice, err := i.adviceOnEarlier(ctx, earlier)
		if err != nil {
			return err
		}
		return fmt.Errorf("%w: %s", errKindsMissing, advice)
	}
	return fmt.Errorf("%w: the API server does not serve %s of %s; %s. Repeat that as long as one of its "+
		"CustomResourceDefinitions is being deleted", errKindsMissing, strings.Join(missing, ", "), v1beta1.GroupVersion, install)
}

// account returns the user name as which the operator acts.
func (i *installation) account(ctx context.Context) (string, error) {
	review, err := i.client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("ask the API server for the operator's own name: %w", err)
	}
	account := review.Status.UserInfo.Username
	if want := "system:serviceaccount:" + i.namespace + ":" + guardrail.OperatorServiceAccount; account != want {
		return "", fmt.Errorf("the operator runs as %s, and must run as %s: use the ServiceAccount %s of the namespace %s, or set "+
			"--namespace to the namespace of the ServiceAccount", account, want, guardrail.OperatorServiceAccount, i.namespace)
	}
	return account, nil
}

// policies tries, without a trace, what the policies must refuse to the operator and what they must allow it alone.
// Where they are missing or know another account as the operator's, the operator could write into every namespace.
func (i *installation) policies(ctx context.Context, account string) error {
	create := func(labels map[string]string) error {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "lab-operator-check-", Labels: labels}}
		_, err := i.client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	const fence, mark = "lab-operator-fence", "lab-operator-namespaces"
	switch err := create(nil); {
	case err == nil:
		return fmt.Errorf("the admission policy %s does not hold %s: it is missing, or knows another account as the operator's; %s",
			fence, account, install)
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), fence):
	case apierrors.IsForbidden(err):
		return fmt.Errorf("%s has no right to create namespaces: %w; %s", account, err, install)
	default:
		return fmt.Errorf("try the admission policy %s: %w", fence, err)
	}
	switch err := create(map[string]string{v1beta1.LabUIDLabel: "check"}); {
	case err == nil:
		return nil
	case apierrors.IsForbidden(err) && (strings.Contains(err.Error(), mark) || strings.Contains(err.Error(), fence)):
		return fmt.Errorf("the admission policies know another account than %s as the operator's: %w; %s", account, err, install)
	default:
		return fmt.Errorf("try the admission policy %s: %w", mark, err)
	}
}
