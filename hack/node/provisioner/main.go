// Command provisioner makes the volumes of the cluster's default storage class:
// each is a folder on the one node there is. It runs in a pod that mounts the
// folder's parent, so it needs no helper pods.
package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func main() {
	name := flag.String("name", "rancher.io/local-path", "provisioner that storage classes refer to")
	root := flag.String("root", "/var/local-path-provisioner", "folder that the volumes are made in")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *name, *root); err != nil {
		slog.Error("volumes can not be provisioned", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name, root string) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	// One replica on one node: there is nobody to hold an election with.
	controller.NewProvisionController(ctx, client, name, folders{root: root},
		controller.LeaderElection(false)).Run(ctx)
	return nil
}
