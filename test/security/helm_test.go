//go:build cluster

package security

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/storage/driver"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// byHelm are attacks with records of a release that helm never wrote. helm itself would believe them.
func (s *stage) byHelm() map[string]attack {
	const gain = "a pass without work"
	const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n"
	forged := func(manifest, words string) attack {
		return attack{gain: gain, try: func(t *testing.T) { s.forge(t, words, record(t, "shop", 1, manifest)) }}
	}
	return map[string]attack{
		"without the objects":           forged(deployment, "missing: Deployment/shop"),
		"with another's objects":        forged(strings.Replace(deployment, "shop", "guard", 1), "missing: Deployment/guard"),
		"with objects elsewhere":        forged("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: coredns, namespace: kube-system}\n", "missing: Deployment/coredns"),
		"with objects of the cluster":   forged(fmt.Sprintf("apiVersion: v1\nkind: Node\nmetadata: {name: %s}\n---\n%s", s.node(), deployment), "missing: Node/"+s.node()),
		"with what cannot be read":      forged("apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: lab-operator-learner}\n", "missing: RoleBinding/lab-operator-learner"),
		"with names that are paths":     forged(strings.Replace(deployment, "shop", `"../../kube-system/deployments/coredns"`, 1), "is not as helm writes it"),
		"without any object":            forged("", "missing:"),
		"with more objects than fit":    forged(strings.Repeat(deployment+"---\n", 31), "has more than 30 objects"),
		"with garbage for a manifest":   forged("{{{", "is not as helm writes it"),
		"with escapes in the manifest":  {gain: "a terminal that does what it is told", try: s.forgeEscapes},
		"that unpacks to gigabytes":     {gain: "an operator without memory", try: s.forgeBomb},
		"that is not packed":            {gain: gain, try: func(t *testing.T) { s.forge(t, "is not as helm writes it", secretOf("shop", 1, []byte("no record"))) }},
		"under another's name":          {gain: gain, try: s.forgeName},
		"with a hundred revisions":      {gain: "an operator that is too busy", try: s.forgeRevisions},
		"with a number beyond counting": {gain: "a fault of ours", try: s.forgeNumber},
	}
}

// record is a Secret as helm keeps a revision of a release, with a manifest of one's own.
func record(t *testing.T, name string, revision int, manifest string) *corev1.Secret {
	t.Helper()
	return secretOf(name, revision, packed(t, plainRecord(t, name, revision, manifest)))
}

// plainRecord is what helm packs.
func plainRecord(t *testing.T, name string, revision int, manifest string) []byte {
	t.Helper()
	plain, err := json.Marshal(map[string]any{
		"name": name, "version": revision, "namespace": "default", "manifest": manifest,
		"info": map[string]any{
			"first_deployed": "2026-01-01T00:00:00Z", "last_deployed": "2026-01-01T00:00:00Z", "description": "Install complete", "status": "deployed",
		},
		"chart": map[string]any{"metadata": map[string]any{"name": "shop", "version": "1.0.0", "apiVersion": "v2"}},
	})
	must(t, err)
	return plain
}

// packed is what helm puts into a Secret.
func packed(t *testing.T, plain []byte) []byte {
	t.Helper()
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	must(t, err)
	_, err = w.Write(plain)
	must(t, err)
	must(t, w.Close())
	return []byte(base64.StdEncoding.EncodeToString(zipped.Bytes()))
}

func secretOf(name string, revision int, data []byte) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name:   fmt.Sprintf("sh.helm.release.v1.%s.v%d", name, revision),
			Labels: map[string]string{"owner": "helm", "name": name, "status": "deployed", "version": fmt.Sprint(revision)},
		},
		Type: "helm.sh/release.v1",
		Data: map[string][]byte{"release": data},
	}
}

// store writes a record into mallory's lab, for the time of a test.
func (s *stage) store(t *testing.T, secret *corev1.Secret) error {
	t.Helper()
	secret.Namespace = s.mallory.environment
	if err := s.mallory.client.Create(t.Context(), secret); err != nil {
		return err
	}
	t.Cleanup(func() { must(t, client.IgnoreNotFound(s.mallory.client.Delete(background(t), secret))) })
	return nil
}

// forge stores a record and waits for what the task says of it.
func (s *stage) forge(t *testing.T, words string, secret *corev1.Secret) {
	t.Helper()
	s.untilSeen(t, s.mallory, "install", "there is no Helm release shop")
	must(t, s.store(t, secret))
	if !strings.Contains(words, "not as helm") {
		s.helmBelieves(t, secret.Name)
	}
	s.untilSeen(t, s.mallory, "install", words)
	s.pending(t, s.mallory, "install")
	s.stillJudged(t)
}

// helmBelieves shows that helm reads the record as one of its own.
func (s *stage) helmBelieves(t *testing.T, secret string) {
	t.Helper()
	typed, err := kubernetes.NewForConfig(s.mallory.config)
	must(t, err)
	if _, err := driver.NewSecrets(typed.CoreV1().Secrets(s.mallory.environment)).Get(secret); err != nil {
		t.Errorf("it is not well-formed: helm says %v", err)
	}
}

// forgeEscapes puts control characters where the status quotes a name.
func (s *stage) forgeEscapes(t *testing.T) {
	s.forge(t, "missing: Deployment/[2Jshop", record(t, "shop", 1, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \"\\e[2Jshop\\u202e\"}\n"))
	s.cleanStatus(t, s.lab(t, s.mallory.lab))
}

// forgeBomb packs 150 MiB into a Secret, as much as one may hold.
func (s *stage) forgeBomb(t *testing.T) {
	bomb := append(bytes.Repeat([]byte{' '}, 150<<20), plainRecord(t, "shop", 1, "")...)
	s.forge(t, "unpacks to more than 4 MiB", secretOf("shop", 1, packed(t, bomb)))
}

// forgeName stores the record of another release, and of another revision, under the name.
func (s *stage) forgeName(t *testing.T) {
	other := record(t, "other", 1, "")
	s.forge(t, "is not as helm writes it", secretOf("shop", 3, other.Data["release"]))
}

// forgeRevisions stores revisions until no more of them are taken.
func (s *stage) forgeRevisions(t *testing.T) {
	s.untilSeen(t, s.mallory, "install", "there is no Helm release shop")
	taken, refused := untilRefused(100, func(i int) error {
		return s.store(t, record(t, "shop", i+1, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n"))
	})
	if err := overQuota("count/secrets=1").check(refused); err != nil {
		t.Error(err)
	}
	if taken < 20 {
		t.Errorf("only %d revisions were taken: a real release has more", taken)
	}
	s.untilSeen(t, s.mallory, "install", "missing: Deployment/shop")
	s.pending(t, s.mallory, "install")
	s.stillJudged(t)
}

// forgeNumber numbers a revision with what is no number of a machine.
func (s *stage) forgeNumber(t *testing.T) {
	secret := record(t, "shop", 1, "")
	secret.Name, secret.Labels["version"] = "sh.helm.release.v1.shop.v99999999999999999999", "99999999999999999999"
	must(t, s.store(t, secret))
	s.forge(t, "missing: Deployment/shop", record(t, "shop", 1, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\n"))
}
