package nodeimage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/command"
	"github.com/lab-operator/lab-operator/hack/cluster/internal/debian"
)

const (
	repository       = "lab-operator.local/node"
	rootfsRepository = "lab-operator.local/node-rootfs"
	// stageLabel is on what a Dockerfile here copies from and does not keep.
	stageLabel = "local.lab-operator.stage"
)

// Tag names the image by everything it is built from.
func (b Builder) Tag(ctx context.Context) (string, error) {
	programs, err := b.programsKey(ctx)
	if err != nil {
		return "", err
	}
	key, err := cache.Key(b.Source.files(),
		[]string{"Dockerfile", "kube-proxy.Dockerfile", "kube-router.Dockerfile", "network", "packages.txt", "rootfs", "import.sh"}, programs, debian.Suite, imageRecipe)
	return repository + ":" + key, err
}

// IsBuilt tells whether an image's reference is of one that Build made, of whatever state of its sources.
func IsBuilt(image string) bool { return strings.HasPrefix(image, repository+":") }

// imageRecipe changes with the way the image is put together here.
const imageRecipe = "1"

// Build builds the image under its tag.
func (b Builder) Build(ctx context.Context, tag string) (err error) {
	programs, err := b.Programs(ctx)
	if err != nil {
		return err
	}
	agent, err := b.agent(ctx)
	if err != nil {
		return err
	}
	archive, key, err := b.rootfs(ctx)
	if err != nil {
		return err
	}
	rootfs := rootfsRepository + ":" + key
	b.Progress.Step("importing the root file system into docker")
	if err := command.Run(ctx, "docker", "import", archive, rootfs); err != nil {
		return err
	}
	// In the cache, so that programs are linked into build contexts, not copied.
	work, err := os.MkdirTemp(b.Cache.Path(), ".image-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	build := imageBuild{Builder: b, programs: programs, agent: agent, rootfs: rootfs, work: work}
	if err := build.run(ctx, tag); err != nil {
		return err
	}
	return removeOthers(ctx, tag, rootfs)
}

// removeOthers removes from docker the images of earlier builds and what is left of
// this one. An image that a cluster still runs on is in use, and stays.
func removeOthers(ctx context.Context, keep ...string) error {
	for _, name := range []string{repository, rootfsRepository} {
		list, err := command.Output(ctx, "docker", "images", "--format", "{{.Repository}}:{{.Tag}}", name)
		if err != nil {
			return err
		}
		for _, image := range strings.Fields(list) {
			if !slices.Contains(keep, image) {
				_ = command.Run(ctx, "docker", "rmi", image)
			}
		}
	}
	return command.Run(ctx, "docker", "image", "prune", "--force", "--filter", "label="+stageLabel)
}

// imageBuild is one run of the build.
type imageBuild struct {
	Builder
	programs, agent, rootfs, work string
}

func (b imageBuild) run(ctx context.Context, tag string) error {
	versions, err := b.Source.Versions()
	if err != nil {
		return err
	}
	list, err := command.Output(ctx, filepath.Join(b.programs, "kubeadm"),
		"config", "images", "list", "--kubernetes-version", versions.Kubernetes)
	if err != nil {
		return err
	}
	images := podImages(list, versions)
	pause, err := pauseImage(images)
	if err != nil {
		return err
	}
	saved, err := b.savePodImages(ctx, images)
	if err != nil {
		return err
	}

	b.Progress.Step("building the node's image")
	node := filepath.Join(b.work, "node")
	if err := b.nodeContext(node); err != nil {
		return err
	}
	bare := repository + ":bare"
	if err := dockerBuild(ctx, node, bare, "ROOTFS="+b.rootfs,
		"KUBERNETES_VERSION="+versions.Kubernetes, "PAUSE_IMAGE="+pause); err != nil {
		return err
	}

	b.Progress.Step("putting %d images into the node's containerd", len(images))
	filled, err := b.fillContainerd(ctx, bare, saved)
	if err != nil {
		return err
	}
	return dockerBuild(ctx, filled, tag, "NODE="+bare)
}

// savePodImages builds the images for pods and writes them into one archive. They
// don't stay in docker, where their names promise what comes from a registry.
func (b imageBuild) savePodImages(ctx context.Context, images []podImage) (archive string, err error) {
	b.Progress.Step("building %d images for the node's pods", len(images))
	archive = filepath.Join(b.work, "images", "images.tar")
	if err := os.Mkdir(filepath.Dir(archive), 0o755); err != nil {
		return "", err
	}
	save := []string{"docker", "save", "--output", archive}
	for _, image := range images {
		dir := filepath.Join(b.work, image.program)
		if err := b.podContext(dir, image); err != nil {
			return "", err
		}
		var args []string
		if image.dockerfile != "" {
			args = []string{"ROOTFS=" + b.rootfs}
		}
		if err := dockerBuild(ctx, dir, image.ref, args...); err != nil {
			return "", err
		}
		save = append(save, image.ref)
	}
	if err := command.Run(ctx, save...); err != nil {
		return "", err
	}
	return archive, command.Run(ctx, append([]string{"docker", "rmi"}, save[4:]...)...)
}

// fillContainerd imports and unpacks the archive by the node's own containerd into
// a folder of the host: its overlays can't be laid on docker's. The folder becomes
// the build context of the last layer.
func (b imageBuild) fillContainerd(ctx context.Context, node, archive string) (dir string, err error) {
	dir = filepath.Join(b.work, "filled")
	state := filepath.Join(b.work, "containerd")
	for _, folder := range []string{dir, state} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return "", err
		}
	}
	script, err := filepath.Abs(filepath.Join(b.Source.Dir, "import.sh"))
	if err != nil {
		return "", err
	}
	err = command.Run(ctx, "docker", "run", "--rm", "--privileged", "--network", "none", "--tmpfs", "/run",
		"--volume", state+":/var/lib/containerd",
		"--volume", filepath.Dir(archive)+":/images:ro",
		"--volume", script+":/import.sh:ro",
		"--entrypoint", "/bin/bash", node, "/import.sh")
	if err != nil {
		return "", err
	}
	if err := command.Run(ctx, "tar", "--create", "--numeric-owner", "--directory", b.work,
		"--file", filepath.Join(dir, "containerd.tar"), "containerd"); err != nil {
		return "", err
	}
	dockerfile := "ARG NODE\nFROM ${NODE}\nADD containerd.tar /var/lib/\n"
	return dir, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644)
}

// podContext makes the folder that a pod's image is built from.
func (b imageBuild) podContext(dir string, image podImage) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	content := []byte(scratchDockerfile(image.program))
	if image.dockerfile != "" {
		var err error
		if content, err = os.ReadFile(filepath.Join(b.Source.Dir, image.dockerfile)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), content, 0o644); err != nil {
		return err
	}
	programs := b.programs
	if image.program == agentProgram {
		programs = b.agent
	}
	return os.Link(filepath.Join(programs, image.program), filepath.Join(dir, image.program))
}

// nodePrograms are those that the node itself runs: the others are in pods.
var nodePrograms = []string{
	"kubeadm", "kubectl", "kubelet",
	"containerd", "containerd-shim-runc-v2", "ctr", "crictl",
	"host-local", "loopback", "portmap", "ptp",
}

// nodeContext makes the folder that the node's image is built from.
func (b imageBuild) nodeContext(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		return err
	}
	for _, program := range nodePrograms {
		if err := os.Link(filepath.Join(b.programs, program), filepath.Join(dir, "bin", program)); err != nil {
			return err
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "rootfs"), os.DirFS(filepath.Join(b.Source.Dir, "rootfs"))); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(b.Source.Dir, "Dockerfile"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "Dockerfile"), content, 0o644)
}

// dockerBuild uses the builder that is part of every daemon: BuildKit's client is
// a package of its own in some distributions.
func dockerBuild(ctx context.Context, dir, tag string, buildArgs ...string) error {
	args := []string{"docker", "build", "--force-rm", "--network", "none", "--tag", tag}
	for _, arg := range buildArgs {
		args = append(args, "--build-arg", arg)
	}
	build := command.Command{Env: []string{"DOCKER_BUILDKIT=0"}, Args: append(args, dir)}
	if err := build.Run(ctx); err != nil {
		return fmt.Errorf("image %s: %w", tag, err)
	}
	return nil
}
