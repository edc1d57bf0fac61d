package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// patience is how long one stage of the demo may take: the slowest scales out and in on a laptop.
const patience = 15 * time.Minute

func say(what string) { fmt.Printf("\n== %s\n", what) }

// until shows kubectl get labs at every change that it would show, until the lab is as wanted.
func (d *demo) until(ctx context.Context, wanted func(*v1beta1.Lab) bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	last := ""
	for ctx.Err() == nil {
		changes, err := d.client.Watch(ctx, &v1beta1.LabList{}, client.InNamespace(d.lab.Namespace), client.MatchingFields{"metadata.name": d.lab.Name})
		if err != nil {
			return fmt.Errorf("watch the lab: %w", err)
		}
		for event := range changes.ResultChan() {
			lab, ok := event.Object.(*v1beta1.Lab)
			if !ok {
				break
			}
			if row := row(lab); row != last {
				last = row
				if err := kubectl(ctx, "get", "lab", d.lab.Name); err != nil {
					return err
				}
				fmt.Println("  " + lab.Status.Next)
			}
			if wanted(lab) {
				changes.Stop()
				return nil
			}
		}
		changes.Stop()
	}
	return errors.Join(fmt.Errorf("lab %s did not get there in %s: see kubectl describe lab %s", d.lab.Name, patience, d.lab.Name), ctx.Err())
}

// row is what kubectl get labs shows of a lab, and what to do next without the numbers that come and go.
func row(lab *v1beta1.Lab) string {
	s := lab.Status
	return strings.Join([]string{string(s.Phase), s.Summary.Tasks, s.Summary.Questions, s.Summary.Score, s.Next}, " ")
}

func isReady(lab *v1beta1.Lab) bool {
	return meta.IsStatusConditionTrue(lab.Status.Conditions, v1beta1.ConditionReady)
}

func isCompleted(lab *v1beta1.Lab) bool { return lab.Status.CompletedAt != nil }

func stateOf(lab *v1beta1.Lab, question string) v1beta1.QuestionState {
	for _, q := range lab.Status.Questions {
		if q.ID == question {
			return q.State
		}
	}
	return ""
}
