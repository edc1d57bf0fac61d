package adapters

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"io"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

const (
	// helmRecordSize bounds a record of a release when it is unpacked, in bytes. A Secret holds at most 1 MiB, which can
	// unpack to a thousand times that.
	helmRecordSize = 4 << 20
	// helmManifestSize bounds the manifest in it, in bytes.
	helmManifestSize = 1 << 20
)

// boundedSecrets gives helm's storage driver records that it can unpack without harm, within the time of a probe.
type boundedSecrets struct {
	corev1client.SecretInterface
	ctx context.Context //nolint:containedctx // the driver gives none
}

// Get implements corev1client.SecretInterface. The driver's context never ends, so that of the probe is taken.
func (b boundedSecrets) Get(_ context.Context, name string, options metav1.GetOptions) (*corev1.Secret, error) {
	secret, err := b.SecretInterface.Get(b.ctx, name, options)
	switch {
	case apierrors.IsNotFound(err):
		return nil, err
	case err != nil:
		return nil, &probe.Fault{Message: "the API server does not tell about Secret " + name + ": " + err.Error(), Lasting: apierrors.IsForbidden(err)}
	}
	if err := unpacksWithin(secret.Data["release"], helmRecordSize); err != nil {
		return nil, err
	}
	return secret, nil
}

// unpacksWithin tells whether a record of a release is at most so large when it is unpacked.
func unpacksWithin(record []byte, limit int64) error {
	packed := base64.NewDecoder(base64.StdEncoding, bytes.NewReader(record))
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return errors.New("it is not packed as helm packs it")
	}
	size, err := io.Copy(io.Discard, io.LimitReader(unpacked, limit+1))
	switch {
	case size > limit:
		return probe.Failf(probe.TooLarge, "the record of the Helm release unpacks to more than %d MiB", limit>>20)
	case err != nil:
		return errors.New("it is not packed as helm packs it")
	}
	return nil
}
