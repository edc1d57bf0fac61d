//go:build cluster

package security

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/test/testenv"
)

// withTokens are attacks with the tokens that pods get.
func (s *stage) withTokens() map[string]attack {
	return map[string]attack{
		"act as the account of the own pods": {gain: "rights that the learner has not", try: func(t *testing.T) {
			s.haveTools(t)
			s.actWithTokenOf(t, "tools", "default")
		}},
		"name an account as the operator's": {gain: "all that the operator may", try: func(t *testing.T) {
			s.homonym(t, "lab-operator")
		}},
		"name an account as the deployer's": {gain: "all that the deployer may", try: func(t *testing.T) {
			s.homonym(t, "lab-deployer")
		}},
		"name an account as the learner's": {gain: "another learner for each lab", try: func(t *testing.T) {
			s.homonym(t, "learner")
		}},
		"start a pod as the deployer": s.refusedLike("all that the deployer may",
			create(object(s.mallory.environment, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: deployer}, spec: %s}`, podSpec("serviceAccountName: lab-deployer,")))),
			refusal{403, `error looking up service account ` + s.mallory.environment + `/lab-deployer: serviceaccount "lab-deployer" not found`}, func(ctx context.Context) error {
				there := object(s.mallory.environment, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: deployer}, spec: %s}`, podSpec("serviceAccountName: default,")))
				return client.NewDryRunClient(s.mallory.client).Create(ctx, there)
			}),
	}
}

// homonym makes an account whose name has rights elsewhere, and acts as it.
func (s *stage) homonym(t *testing.T, name string) {
	in := s.mallory.environment
	account := named("v1", "ServiceAccount", in, name)
	must(t, s.mallory.client.Create(t.Context(), copyOf(account)))
	defer s.mallory.gone(t, account)
	pod := object(in, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: as-%[1]s}, spec: {serviceAccountName: %[1]s, terminationGracePeriodSeconds: 0, securityContext: %[2]s,
		containers: [{name: main, image: %[3]q, command: [sleep, infinity], securityContext: %[4]s, resources: {requests: {cpu: 5m}}}]}}`, name, restrictedPod, toolsImage, restrictedContainer))
	must(t, s.mallory.client.Create(t.Context(), pod))
	defer s.mallory.gone(t, pod)
	s.untilRuns(t, in, pod.GetName())
	s.actWithTokenOf(t, pod.GetName(), name)
}

// actWithTokenOf takes the token out of a pod, and tries what it would be good for.
func (s *stage) actWithTokenOf(t *testing.T, pod, account string) {
	t.Helper()
	in := s.mallory.environment
	token, err := s.mallory.run(t.Context(), in, pod, "cat", "/var/run/secrets/kubernetes.io/serviceaccount/token")
	must(t, err)
	config := rest.AnonymousClientConfig(s.config)
	config.BearerToken = strings.TrimSpace(token)
	as := s.connect(t, config)
	who := &authenticationv1.SelfSubjectReview{}
	must(t, as.Create(t.Context(), who))
	if want := "system:serviceaccount:" + in + ":" + account; who.Status.UserInfo.Username != want {
		t.Fatalf("the token is that of %s, want %s: it is not well-formed", who.Status.UserInfo.Username, want)
	}
	// The same is allowed to the learner or the administrator elsewhere in this suite.
	for what, a := range map[string]action{
		"read the Secrets of the lab":       list("v1", "Secret", in),
		"read those of another lab":         list("v1", "Secret", s.alice.environment),
		"read those of the operator":        list("v1", "Secret", testenv.OperatorNamespace),
		"read the answer keys":              list(labVersion, "AnswerKey", testenv.OperatorNamespace),
		"read everybody's Labs":             list(labVersion, "Lab", ""),
		"read the own Lab":                  read(named(labVersion, "Lab", malloryHome, rangeName)),
		"write a status":                    patchSub(labOf(s.mallory.lab, ""), "status", "application/merge-patch+json", `{"status":{"scorePercent":100}}`),
		"make a namespace":                  create(named("v1", "Namespace", "", "lab-sec-free")),
		"make a pod":                        create(object(in, fmt.Sprintf(`{apiVersion: v1, kind: Pod, metadata: {name: more}, spec: %s}`, podSpec("")))),
		"read the nodes":                    list("v1", "Node", ""),
		"change what is the lab's":          patch(named("v1", "ConfigMap", in, "rules"), `{"data":{"rule":"2"}}`),
		"delete the namespace of the lab":   remove(named("v1", "Namespace", "", in)),
		"read the leases of the operator":   list("coordination.k8s.io/v1", "Lease", testenv.OperatorNamespace),
		"bind a role in the lab":            create(object(in, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: all}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: lab-operator-learner}}`)),
		"dial a pod of the lab":             createSub(plainPod(in, "bare"), "portforward", plainPod(in, "bare")),
		"read the endpoints of the lab":     list("discovery.k8s.io/v1", "EndpointSlice", in),
		"read the revisions of the lab":     list("apps/v1", "ControllerRevision", in),
		"review what others may":            create(object("", `{apiVersion: authorization.k8s.io/v1, kind: SubjectAccessReview, spec: {user: a, resourceAttributes: {verb: get, resource: pods}}}`)),
		"review whose a token is":           create(object("", `{apiVersion: authentication.k8s.io/v1, kind: TokenReview, spec: {token: a}}`)),
		"request another token":             createSub(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: in, Name: "default"}}, "token", &authenticationv1.TokenRequest{}),
		"make itself a learner of the Labs": create(object(malloryHome, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: all}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: lab-operator-learner-labs}}`)),
	} {
		if err := a.do(t.Context(), as); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), " cannot ") {
			t.Errorf("with it one can %s: %v", what, err)
		}
	}
}

// signingRequest is that of a certificate for an administrator, as JSON has it.
func signingRequest() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // there is always randomness
	}
	subject := pkix.Name{CommonName: "sec-admin", Organization: []string{"kubeadm:cluster-admins"}}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, key)
	if err != nil {
		panic(err) // the key is a good one
	}
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}))
}

// isThere tells whether an object could not be made since it is there.
func isThere(err error) bool { return apierrors.IsAlreadyExists(err) }
