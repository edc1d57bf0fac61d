package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/export"
	"github.com/lab-operator/lab-operator/internal/roster"
	"github.com/lab-operator/lab-operator/internal/text"
)

const (
	// rosterFile says which file is whose.
	rosterFile = "roster.csv"
	// maxReasons is how many attendees without a kubeconfig are told about one by one.
	maxReasons = 10
)

// handOut writes a kubeconfig for each attendee who has one, and says who has none, and why.
func (o *kubeconfigOptions) handOut(ctx context.Context, workshop *v1beta1.Workshop) error {
	attendees := workshop.Spec.Attendees
	if len(attendees) == 0 {
		fmt.Fprintf(o.ErrOut, "No attendees in workshop %s\n", workshop.Name)
		return nil
	}
	secrets, err := o.cluster.kubeconfigs(ctx)
	if err != nil {
		return err
	}
	to, err := o.endpoint(workshop)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.folder, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	handouts := make([]export.Handout, 0, len(attendees))
	without := 0
	// lacking tells why an attendee has none.
	lacking := func(attendee v1beta1.Attendee, reason func() string) {
		if without++; without <= maxReasons {
			fmt.Fprintf(o.ErrOut, "no kubeconfig for %q: %s\n", attendee.Name, text.OneLine(reason(), text.NoLimit))
		}
	}
	for _, attendee := range attendees {
		handle := roster.Handle(attendee.Name)
		handout := export.Handout{Attendee: attendee.Name, DisplayName: attendee.DisplayName}
		secret := secrets[roster.SecretName(workshop.Name, handle)]
		if secret != nil {
			to = o.verify(ctx, secret, to)
		}
		if secret == nil {
			lacking(attendee, func() string { return o.cluster.absence(ctx, workshop, attendee, o.clock.Now()) })
		} else if kubeconfig, err := fromSecret(secret, to); err != nil {
			lacking(attendee, err.Error)
		} else {
			handout.File, handout.GoodUntil = handle+".kubeconfig", goodUntil(secret)
			if err := writePrivate(filepath.Join(o.folder, handout.File), kubeconfig); err != nil {
				return err
			}
		}
		handouts = append(handouts, handout)
	}
	var list bytes.Buffer
	if err := export.WriteHandouts(&list, handouts); err != nil {
		return fmt.Errorf("write %s: %w", rosterFile, err)
	}
	if err := writePrivate(filepath.Join(o.folder, rosterFile), list.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "%d of %d kubeconfigs are in %s, and whose they are in %s\n",
		len(attendees)-without, len(attendees), o.folder, filepath.Join(o.folder, rosterFile))
	if without > 0 {
		return fmt.Errorf("%d of %d attendees have no kubeconfig", without, len(attendees))
	}
	return nil
}

// goodUntil is when the token of a kubeconfig expires; nil where the operator has not noted it.
func goodUntil(secret *corev1.Secret) *metav1.Time {
	expires, err := time.Parse(time.RFC3339, secret.Annotations[v1beta1.KubeconfigExpiresAnnotation])
	if err != nil {
		return nil
	}
	return &metav1.Time{Time: expires}
}

// writePrivate writes a file that nobody else can read, at no time: whatever was there before is replaced when all is written.
func writePrivate(path string, content []byte) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is there, and is no file that could be replaced", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".kubectl-lab-*") // It has mode 0600.
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = file.Write(content)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.RemoveAll(file.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
