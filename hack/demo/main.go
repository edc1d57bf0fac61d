// Command demo plays a learner in front of you: it applies config/samples/lab.yaml to the cluster of your
// kubeconfig, works on the lab with a learner's rights, and shows kubectl get labs at every change.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/learner"
	"github.com/lab-operator/lab-operator/internal/operator"
)

const sample = "config/samples/lab.yaml"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo is one showing.
type demo struct {
	client  client.WithWatch
	learner *learner.Learner
	lab     types.NamespacedName
}

func run(ctx context.Context) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	scheme, err := operator.Scheme()
	if err != nil {
		return err
	}
	d := &demo{}
	if d.client, err = client.NewWithWatch(config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	wanted, err := readSample()
	if err != nil {
		return err
	}
	d.lab = types.NamespacedName{Namespace: "default", Name: wanted.Name}
	kubeconfigs, err := os.MkdirTemp("", "lab-operator-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the kubeconfig: %w", err)
	}
	defer os.RemoveAll(kubeconfigs)
	if d.learner, err = learner.Create(ctx, d.client, config, d.lab.Namespace, kubeconfigs); err != nil {
		return err
	}

	say("A lab from an earlier demo is removed, with all that belongs to it")
	if err := kubectl(ctx, "delete", "lab", d.lab.Name, "--ignore-not-found"); err != nil {
		return err
	}
	say("The facilitator or the learner applies one file")
	if err := kubectl(ctx, "apply", "-f", sample); err != nil {
		return err
	}
	if err := d.until(ctx, isReady); err != nil {
		return err
	}
	say("This is all that a learner needs to go on")
	if err := kubectl(ctx, "describe", "lab", d.lab.Name); err != nil {
		return err
	}
	if err := d.answer(ctx); err != nil {
		return err
	}
	say("Now labs/" + wanted.Spec.Exercise + "/solution.sh plays the learner, with a learner's rights: this takes about four minutes")
	if err := d.work(ctx, filepath.Join("labs", wanted.Spec.Exercise, "solution.sh")); err != nil {
		return err
	}
	return d.farewell(ctx)
}

// answer gives one answer to the current question, to show how it is graded.
func (d *demo) answer(ctx context.Context) error {
	lab := &v1beta1.Lab{}
	if err := d.client.Get(ctx, d.lab, lab); err != nil {
		return fmt.Errorf("read the lab: %w", err)
	}
	question := lab.Status.Current.TaskQuestion
	if question == nil || len(question.Options) == 0 {
		return nil
	}
	say("Questions are answered by a patch. Say that the learner guesses at " + question.ID)
	patch := fmt.Sprintf(`{"spec":{"answers":{%q:"a"}}}`, question.ID)
	if err := kubectl(ctx, "patch", "lab", d.lab.Name, "--type", "merge", "-p", patch); err != nil {
		return err
	}
	graded := func(lab *v1beta1.Lab) bool { return stateOf(lab, question.ID) != "" }
	if err := d.until(ctx, graded); err != nil {
		return err
	}
	if err := d.client.Get(ctx, d.lab, lab); err != nil {
		return fmt.Errorf("read the lab: %w", err)
	}
	if stateOf(lab, question.ID).IsSettled() {
		say("It was right. What the learner may read then stands in the LabReview")
		return kubectl(ctx, "get", "labreview", d.lab.Name, "-o", "yaml")
	}
	return kubectl(ctx, "get", "lab", d.lab.Name, "-o", "jsonpath={.status.current.taskQuestion.feedback}{\"\\n\"}")
}

// work runs the solution while the lab is shown, until it is completed.
func (d *demo) work(ctx context.Context, solution string) error {
	lab := &v1beta1.Lab{}
	if err := d.client.Get(ctx, d.lab, lab); err != nil {
		return fmt.Errorf("read the lab: %w", err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	done := make(chan error, 1)
	go func() {
		err := d.learner.Run(ctx, solution, d.lab, lab.Status.Namespace, os.Stdout)
		if err != nil {
			stop(err)
		}
		done <- err
	}()
	if err := d.until(ctx, isCompleted); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	return <-done
}

func (d *demo) farewell(ctx context.Context) error {
	say("Completed")
	if err := kubectl(ctx, "get", "lab", d.lab.Name, "-o", "wide"); err != nil {
		return err
	}
	fmt.Printf(`
The cluster stays up. What to try next:
  export KUBECONFIG=$PWD/.kube/config         have kubectl use it
  kubectl describe lab %[1]s                    what became of the tasks and questions
  kubectl get topics,exercises                what there is
  kubectl explain lab.spec                    what a Lab can say
  kubectl patch lab %[1]s --type merge -p '{"spec":{"environment":"Absent"}}'
                                              remove the workloads, keep the results
  kubectl delete lab %[1]s                      remove the lab and all that was made for it
  make cluster-down                           remove the cluster
`, d.lab.Name)
	return nil
}

func readSample() (*v1beta1.Lab, error) {
	data, err := os.ReadFile(sample)
	if err != nil {
		return nil, fmt.Errorf("run the demo in the top folder of the project: %w", err)
	}
	lab := &v1beta1.Lab{}
	if err := yaml.UnmarshalStrict(data, lab); err != nil {
		return nil, fmt.Errorf("read %s: %w", sample, err)
	}
	return lab, nil
}

// kubectl runs what a person would type, and shows it.
func kubectl(ctx context.Context, args ...string) error {
	fmt.Printf("$ kubectl %s\n", shown(args))
	cmd := exec.CommandContext(ctx, "kubectl", args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("kubectl %s: %w", args[0], err)
	}
	return nil
}

// shown is a command line as a shell would take it.
func shown(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = arg
		if strings.ContainsAny(arg, " {}\"$*") {
			quoted[i] = "'" + arg + "'"
		}
	}
	return strings.Join(quoted, " ")
}
